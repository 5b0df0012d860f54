"""Who signs in to the demo: a user for each role, named after it, and the client systems."""

LOGINS = {
    "general": {
        "registrar": "B. Castillo",
        "physician": "L. Sørensen, MD",
        "nurse": "R. Menon, RN",
        "pharmacist": "D. Park, PharmD",
        "lab_technologist": "P. Lund, MLS",
        "radiologist": "A. Iyer, MD",
        "radiology_technologist": "K. Osei, RT",
        "surgeon": "A. Holm, MD",
        "anesthesiologist": "R. Ferreira, MD",
        "scheduler": "M. Quinn",
        "coder": "S. Bhatt, CCS",
        "biller": "T. Novak",
        "patient": "J. Pereira",
        "privacy_officer": "E. Marsh",
        "administrator": "G. Haddad",
    },
    "valley": {
        "registrar": "C. Boone",
        "physician": "N. Ito, MD",
        "nurse": "L. Reyes, RN",
        "pharmacist": "F. Adams, PharmD",
        "lab_technologist": "O. Berg, MLS",
        "radiologist": "H. Costa, MD",
        "radiology_technologist": "V. Dunn, RT",
        "surgeon": "I. Evers, MD",
        "anesthesiologist": "W. Frost, MD",
        "scheduler": "Y. Grant",
        "coder": "U. Hill, CCS",
        "biller": "J. Irwin",
        "patient": "A. Diallo",
        "privacy_officer": "Q. Jensen",
        "administrator": "Z. Kane",
    },
}

CLIENTS = {"system": "system/*.cruds"}
