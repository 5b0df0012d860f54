"""The concepts that the demo's charts speak of."""

from typing import NamedTuple

ALLERGY_CLINICAL = "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical"
ALLERGY_VERIFICATION = "http://terminology.hl7.org/CodeSystem/allergyintolerance-verification"
CONDITION_CATEGORY = "http://terminology.hl7.org/CodeSystem/condition-category"
CONDITION_CLINICAL = "http://terminology.hl7.org/CodeSystem/condition-clinical"
CONDITION_VERIFICATION = "http://terminology.hl7.org/CodeSystem/condition-ver-status"
CVX_SYSTEM = "http://hl7.org/fhir/sid/cvx"
DATA_ABSENT = "http://terminology.hl7.org/CodeSystem/data-absent-reason"
ACT_CODE = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
INTERPRETATION = "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation"
LOINC_SYSTEM = "http://loinc.org"
OBSERVATION_CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"
RXNORM_SYSTEM = "http://www.nlm.nih.gov/research/umls/rxnorm"
SNOMED_SYSTEM = "http://snomed.info/sct"
UCUM_SYSTEM = "http://unitsofmeasure.org"


class Code(NamedTuple):
    """A coding with the display that its code system gives it."""

    system: str
    code: str
    display: str


def snomed(code: str, display: str) -> Code:
    """A SNOMED CT concept."""
    return Code(SNOMED_SYSTEM, code, display)


def loinc(code: str, display: str) -> Code:
    """A LOINC term by its long common name."""
    return Code(LOINC_SYSTEM, code, display)


def rxnorm(code: str, display: str) -> Code:
    """An RxNorm ingredient or combination."""
    return Code(RXNORM_SYSTEM, code, display)


def cvx(code: str, display: str) -> Code:
    """A vaccine of the CDC's CVX."""
    return Code(CVX_SYSTEM, code, display)


# Problems
SEPSIS = snomed("91302008", "Sepsis")
PYELONEPHRITIS = snomed("36689008", "Acute pyelonephritis")
KIDNEY_INJURY = snomed("14669001", "Acute kidney injury")
HYPERKALEMIA = snomed("14140009", "Hyperkalemia")
DIABETES_2 = snomed("44054006", "Diabetes mellitus type 2")
HYPERTENSION = snomed("59621000", "Essential hypertension")
KIDNEY_DISEASE_3B = snomed("700379002", "Chronic kidney disease stage 3B")
STROKE = snomed("230690007", "Cerebrovascular accident")
HEART_FAILURE = snomed("84114007", "Heart failure")
ATRIAL_FIBRILLATION = snomed("49436004", "Atrial fibrillation")
NSTEMI = snomed("401314000", "Acute non-ST segment elevation myocardial infarction")
CHEST_PAIN = snomed("29857009", "Chest pain")
INFLUENZA = snomed("6142004", "Influenza")
CELLULITIS = snomed("128045006", "Cellulitis")
GI_BLEED = snomed("74474003", "Gastrointestinal hemorrhage")
IRON_DEFICIENCY = snomed("87522002", "Iron deficiency anemia")
DEMENTIA = snomed("52448006", "Dementia")
PNEUMONIA = snomed("233604007", "Pneumonia")
CHOLECYSTITIS = snomed("65275009", "Acute cholecystitis")
HYPERLIPIDEMIA = snomed("55822004", "Hyperlipidemia")
HYPOTHYROIDISM = snomed("40930008", "Hypothyroidism")
ASTHMA = snomed("195967001", "Asthma")
COPD = snomed("13645005", "Chronic obstructive lung disease")
PREGNANCY = snomed("77386006", "Pregnancy")
ARTHRITIS = snomed("396275006", "Osteoarthritis")

# Allergies
NO_KNOWN_ALLERGY = snomed("716186003", "No known allergy")
NOT_ASCERTAINED = Code(DATA_ABSENT, "asked-unknown", "Asked But Unknown")
PENICILLIN = snomed("764146007", "Penicillin")
LATEX = snomed("111088007", "Latex")
PEANUT = snomed("762952008", "Peanut")
ASPIRIN_ALLERGY = rxnorm("1191", "aspirin")
CODEINE = rxnorm("2670", "codeine")
LISINOPRIL_ALLERGY = rxnorm("29046", "lisinopril")
ANAPHYLAXIS = snomed("39579001", "Anaphylaxis")
RASH = snomed("271807003", "Eruption of skin")
HIVES = snomed("126485001", "Urticaria")
COUGH = snomed("49727002", "Cough")
NAUSEA = snomed("422587007", "Nausea")

# Routes
ORAL = snomed("26643006", "Oral route")
INTRAVENOUS = snomed("47625008", "Intravenous route")
SUBCUTANEOUS = snomed("34206005", "Subcutaneous route")
INHALED = snomed("447694001", "Respiratory tract route")

# Encounters
INPATIENT = Code(ACT_CODE, "IMP", "inpatient encounter")
EMERGENCY = Code(ACT_CODE, "EMER", "emergency")
AMBULATORY = Code(ACT_CODE, "AMB", "ambulatory")
HOSPITAL_ADMISSION = snomed("32485007", "Hospital admission")
EMERGENCY_ADMISSION = snomed("50849002", "Emergency room admission")
OBSERVATION_ADMISSION = snomed("76464004", "Hospital admission, for observation")
CHECK_UP = snomed("185349003", "Encounter for check up")
FOLLOW_UP = snomed("390906007", "Follow-up encounter")

# Procedures
ECHOCARDIOGRAPHY = snomed("40701008", "Echocardiography")
CHEST_X_RAY = snomed("399208008", "Plain chest X-ray")
COLONOSCOPY = snomed("73761001", "Colonoscopy")
CATARACT_SURGERY = snomed("54885007", "Cataract surgery")

# Documents
PROGRESS_NOTE = loinc("11506-3", "Progress note")
HISTORY_AND_PHYSICAL = loinc("34117-2", "History and physical note")

# Vaccines
FLU_SHOT = cvx("140", "Influenza, seasonal, injectable, preservative free")
TD = cvx("113", "Td (adult) preservative free")
TDAP = cvx("115", "Tdap")
PNEUMOCOCCAL_23 = cvx("33", "pneumococcal polysaccharide vaccine, 23 valent")
COVID_MRNA = cvx("208", "SARS-COV-2 (COVID-19) vaccine, mRNA, spike protein, LNP, preservative free, 30 mcg/0.3mL dose")
MMR = cvx("03", "MMR")
DTAP = cvx("20", "DTaP")
