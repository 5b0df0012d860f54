"""The patients of 6 West, a medical ward."""

from infra.demo_hospital import codes
from infra.demo_hospital.codes import AMBULATORY, INPATIENT
from infra.demo_hospital.prescriptions import (
    AT_BEDTIME,
    DAILY,
    TWICE_DAILY,
    every,
    infused,
    injected,
    mg,
    oral,
    running,
    sliding_scale,
    tablets,
    units,
)
from infra.demo_hospital.stories import NONE_KNOWN, Allergy, Draws, Note, Problem, Stay, Story, Vitals

OKAFOR = Story(
    key="okafor-margaret",
    family="Okafor",
    given=("Margaret", "Adaeze"),
    prefix="Ms",
    nickname="Maggie",
    gender="female",
    birth_date="1957-03-14",
    mrn="4820 1173",
    phone="(304) 555-0117",
    street="1218 Juliana Street",
    weight="71.4",
    plan="Medicare: Medicare Part A and B",
    problems=(
        Problem(codes.SEPSIS, "Sepsis, urinary source", 3.2),
        Problem(codes.PYELONEPHRITIS, "Acute pyelonephritis, E. coli", 3.2),
        Problem(codes.KIDNEY_INJURY, "Acute kidney injury", 3.1),
        Problem(codes.HYPERKALEMIA, "Hyperkalemia", 0.03),
        Problem(codes.KIDNEY_DISEASE_3B, "Chronic kidney disease, stage 3b", "2019"),
        Problem(codes.DIABETES_2, "Type 2 diabetes", "2008-05"),
        Problem(codes.HYPERTENSION, "Hypertension", "2004"),
        Problem(codes.PNEUMONIA, "Pneumonia", "2021-02-11", resolved=True),
    ),
    allergies=(
        Allergy(codes.PENICILLIN, "penicillin", "medication", codes.ANAPHYLAXIS, "anaphylaxis", "severe"),
        Allergy(codes.LATEX, "latex", "environment", codes.RASH, "rash", "mild"),
    ),
    medications=(
        oral("trimethoprim + sulfamethoxazole", tablets("1"), every(12), 1.27),
        running("sodium chloride 0.9%", ("75", "mL/hour", "mL/h"), 2.0),
        sliding_scale("insulin lispro", 3.1),
        injected("insulin glargine", units("14"), AT_BEDTIME, 3.1),
        injected("heparin", units("5000"), every(8), 3.1),
        oral("acetaminophen", mg("650"), every(6), 3.1, prn=True),
        oral("lisinopril", mg("10"), DAILY, 3.1, held="Held: acute kidney injury"),
        oral("metformin", mg("500"), TWICE_DAILY, 3.1, held="Held: eGFR 29"),
    ),
    stays=(
        Stay(
            codes.EMERGENCY_ADMISSION, INPATIENT, "Pyelonephritis with sepsis, kidney injury", "6w-b04", "sorensen", 3.2
        ),
        Stay(codes.CHECK_UP, AMBULATORY, "Diabetes and kidney check", "clinic", "abara", 13.1, 13.05),
    ),
    draws=(
        Draws(
            (74.53, 62.62, 50.67, 39.03, 26.45, 14.37, 0.83),
            {
                "potassium": "4.6 4.8 5.0 5.2 5.3 5.6 6.1",
                "creatinine": "1.42 1.68 2.10 2.38 2.31 2.04 1.86",
                "urea nitrogen": "28 33 41 46 44 39 36",
                "sodium": "133 134 135 136 137 137 138",
                "bicarbonate": "17 18 19 20 21 22 22",
                "glucose": "241 198 176 162 188 151 143",
                "white cells": "19.8 18.2 15.1 13.4 11.9 - 10.4",
                "hemoglobin": "10.9 10.6 10.1 9.9 9.8 - 9.2",
                "platelets": "138 129 131 146 162 - 188",
                "CRP": "286 - 214 - 142 - 88",
                "lactate": "4.1 2.9 1.8 1.4 - - 1.1",
            },
        ),
        Draws(
            (314.0,),
            {
                "potassium": "4.4",
                "creatinine": "1.36",
                "urea nitrogen": "25",
                "sodium": "139",
                "bicarbonate": "23",
                "glucose": "168",
                "hemoglobin": "11.2",
                "A1c": "8.4",
            },
        ),
    ),
    vitals=(
        Vitals(
            3, 6, "39.4 38.7 38.1 37.4", "124 112 102 96", "96 104 112 118", "52 58 62 64", "26 22 20 18", "92 94 95 96"
        ),
        Vitals(13.08, 48, "36.8 36.7", "82 84", "138 142", "78 82", "16 16", "97 97", until=4.9),
    ),
    immunizations=((codes.FLU_SHOT, 48), (codes.PNEUMOCOCCAL_23, 1130), (codes.COVID_MRNA, 400)),
    notes=(
        Note(
            codes.PROGRESS_NOTE,
            "sorensen",
            16.4,
            "E. coli pyelonephritis with sepsis, kidneys recovering from acute injury on CKD 3b. "
            "Potassium now rising.\n\n"
            "Fever settled, lactate normal. Creatinine 2.04 and falling. Trimethoprim + sulfamethoxazole by "
            "sensitivities; watch potassium, repeat in the morning. Lisinopril and metformin stay on hold.\n",
        ),
    ),
)

LINDQVIST = Story(
    key="lindqvist-per",
    family="Lindqvist",
    given=("Per",),
    prefix="Mr",
    gender="male",
    birth_date="1952-01-29",
    mrn="3902 6614",
    phone="(304) 555-0142",
    street="77 Ann Street",
    weight="84.0",
    plan="Medicare: Medicare Part A and B",
    problems=(
        Problem(codes.STROKE, "Ischemic stroke, left MCA", 9),
        Problem(codes.ATRIAL_FIBRILLATION, "Atrial fibrillation", 8.8),
        Problem(codes.HYPERLIPIDEMIA, "Hyperlipidemia", "2015"),
    ),
    allergies=(NONE_KNOWN,),
    medications=(
        oral("apixaban", mg("5"), TWICE_DAILY, 4),
        oral("atorvastatin", mg("80"), AT_BEDTIME, 8.9),
        oral("metoprolol", mg("25"), TWICE_DAILY, 8.5),
    ),
    stays=(Stay(codes.EMERGENCY_ADMISSION, INPATIENT, "Stroke, waiting for rehabilitation", "6w-c02", "sorensen", 9),),
    draws=(
        Draws(
            (214, 190, 166, 120, 72, 25.5, 1.6),
            {
                "potassium": "4.1 3.9 4.0 4.2 4.3 4.1 4.2",
                "creatinine": "0.98 1.01 0.96 0.94 0.92 0.95 0.93",
                "urea nitrogen": "19 20 18 17 16 17 16",
                "sodium": "141 140 139 139 140 141 140",
                "bicarbonate": "25 24 25 26 25 26 25",
                "glucose": "142 128 117 104 101 98 102",
                "white cells": "9.8 8.9 8.1 7.4 7.0 6.8 6.9",
                "hemoglobin": "14.4 14.1 13.9 13.8 14.0 14.1 14.0",
                "platelets": "231 224 228 236 241 250 247",
                "INR": "1.1 - - 1.0 - - 1.2",
            },
        ),
    ),
    vitals=(
        Vitals(
            8.8, 8, "37.1 37.0 36.8 36.7", "98 88 78 74", "172 158 144 136", "94 88 82 78", "18 17 16 16", "95 96 96 97"
        ),
    ),
    procedures=((codes.ECHOCARDIOGRAPHY, 7.6),),
    immunizations=((codes.FLU_SHOT, 30), (codes.TD, 2200)),
    notes=(
        Note(
            codes.PROGRESS_NOTE,
            "sorensen",
            20.0,
            "Day 9 after left MCA stroke. Right arm 4/5, speech clear. Safe swallow. Rehabilitation bed offered.\n",
        ),
    ),
)

NGUYEN = Story(
    key="nguyen-thi",
    family="Nguyen",
    given=("Thi", "Mai"),
    prefix="Ms",
    gender="female",
    birth_date="1989-09-02",
    mrn="6120 3345",
    phone="(304) 555-0163",
    street="5 Market Street",
    weight="58.2",
    plan="Mountain State Health: Silver 3000",
    problems=(Problem(codes.CHOLECYSTITIS, "Acute cholecystitis", 1.3),),
    allergies=(Allergy(codes.CODEINE, "codeine", "medication", codes.NAUSEA, "nausea", "moderate"),),
    medications=(
        infused("morphine", mg("2"), every(4), 1.2),
        running("sodium chloride 0.9%", ("100", "mL/hour", "mL/h"), 1.2),
        oral("acetaminophen", mg("1000"), every(8), 1.2),
    ),
    stays=(Stay(codes.EMERGENCY_ADMISSION, INPATIENT, "Cholecystitis, surgery tomorrow", "6w-a05", "holm", 1.3),),
    draws=(
        Draws(
            (31, 13, 2.1),
            {
                "potassium": "3.8 3.6 3.4",
                "creatinine": "0.71 0.68 0.66",
                "urea nitrogen": "12 11 9",
                "sodium": "138 137 137",
                "bicarbonate": "24 25 25",
                "glucose": "112 104 99",
                "white cells": "15.2 14.1 12.6",
                "hemoglobin": "13.1 12.8 12.6",
                "platelets": "288 279 281",
                "CRP": "96 - 121",
                "ALT": "64 - 52",
            },
        ),
    ),
    vitals=(Vitals(1.2, 4, "38.4 38.0 37.6", "108 98 88", "118 114 116", "72 70 72", "20 18 16", "98 98 98"),),
    immunizations=((codes.TDAP, 1500), (codes.COVID_MRNA, 700)),
)

KOWALCZYK = Story(
    key="kowalczyk-jan",
    family="Kowalczyk",
    given=("Jan",),
    prefix="Mr",
    gender="male",
    birth_date="1955-06-21",
    mrn="5093 3328",
    phone="(304) 555-0188",
    street="903 Murdoch Avenue",
    weight="92.6",
    plan="Medicare: Medicare Part A and B",
    problems=(
        Problem(codes.HEART_FAILURE, "Heart failure, reduced ejection fraction", "2022"),
        Problem(codes.HYPERTENSION, "Hypertension", "1999"),
        Problem(codes.HYPERLIPIDEMIA, "Hyperlipidemia", "2006"),
    ),
    allergies=(Allergy(codes.LISINOPRIL_ALLERGY, "lisinopril", "medication", codes.COUGH, "cough", "mild"),),
    medications=(
        infused("furosemide", mg("40"), TWICE_DAILY, 0.9),
        oral("metoprolol", mg("50"), TWICE_DAILY, 0.9),
        oral("atorvastatin", mg("40"), AT_BEDTIME, 0.9),
        oral("aspirin", mg("81"), DAILY, 0.9),
    ),
    stays=(
        Stay(codes.EMERGENCY_ADMISSION, INPATIENT, "Heart failure", "6w-a03", "sorensen", 0.95),
        Stay(codes.FOLLOW_UP, AMBULATORY, "Heart failure follow-up", "clinic", "abara", 12.2, 12.15),
    ),
    draws=(
        Draws(
            (293, 22, 10, 0.6),
            {
                "potassium": "4.4 4.0 3.8 3.7",
                "creatinine": "1.18 1.31 1.34 1.30",
                "urea nitrogen": "24 31 33 32",
                "sodium": "136 131 - 128",
                "bicarbonate": "26 28 29 30",
                "glucose": "108 119 - 111",
                "hemoglobin": "13.2 12.4 - 12.6",
                "white cells": "7.1 8.2 - 7.9",
                "platelets": "199 187 - 190",
                "NT-proBNP": "1840 - - 6240",
                "magnesium": "- 1.8 - 1.7",
            },
        ),
    ),
    vitals=(
        Vitals(0.9, 4, "36.9 36.8 36.8", "106 98 92", "148 138 132", "88 84 80", "26 22 20", "89 92 94"),
        Vitals(12.18, 48, "36.7 36.6", "78 86", "132 140", "80 84", "16 18", "96 94", until=2.1),
    ),
    procedures=((codes.ECHOCARDIOGRAPHY, 0.6),),
    immunizations=((codes.FLU_SHOT, 41), (codes.PNEUMOCOCCAL_23, 1800)),
)

MBEKI = Story(
    key="mbeki-sipho",
    family="Mbeki",
    given=("Sipho",),
    prefix="Mr",
    gender="male",
    birth_date="1963-02-17",
    mrn="2847 5510",
    phone="(304) 555-0155",
    street="260 Dutch Hills Terrace",
    weight="88.1",
    plan="Mountain State Health: Silver 3000",
    problems=(
        Problem(codes.ATRIAL_FIBRILLATION, "Atrial fibrillation, new", 1.8),
        Problem(codes.HYPERTENSION, "Hypertension", "2012"),
    ),
    allergies=(NONE_KNOWN,),
    medications=(
        oral("metoprolol", mg("25"), TWICE_DAILY, 1.7),
        oral("apixaban", mg("5"), TWICE_DAILY, 1.7),
        oral("amlodipine", mg("5"), DAILY, 1.7),
    ),
    stays=(Stay(codes.EMERGENCY_ADMISSION, INPATIENT, "Atrial fibrillation, new", "6w-b03", "sorensen", 1.8),),
    draws=(
        Draws(
            (43, 25, 0.9),
            {
                "potassium": "3.9 4.0 4.1",
                "creatinine": "1.00 0.98 0.99",
                "sodium": "140 141 140",
                "magnesium": "1.8 - 1.5",
                "TSH": "1.9 - -",
                "hemoglobin": "14.9 14.6 14.7",
                "INR": "1.0 - 1.1",
            },
        ),
    ),
    vitals=(Vitals(1.7, 6, "36.8 36.7", "142 126 118", "134 128 126", "84 82 80", "18 17 16", "96 97 97"),),
    procedures=((codes.ECHOCARDIOGRAPHY, 1.1),),
)

MORALES = Story(
    key="morales-ines",
    family="Morales",
    given=("Inés",),
    prefix="Mrs",
    gender="female",
    birth_date="1953-04-30",
    mrn="5107 2264",
    phone="(304) 555-0171",
    street="18 Avery Street",
    weight="63.5",
    plan="Medicare: Medicare Part A and B",
    problems=(
        Problem(codes.INFLUENZA, "Influenza A", 2.9),
        Problem(codes.ASTHMA, "Asthma", "1988"),
    ),
    allergies=(Allergy(codes.ASPIRIN_ALLERGY, "aspirin", "medication", codes.HIVES, "hives", "moderate"),),
    medications=(
        oral("oseltamivir", mg("75"), TWICE_DAILY, 2.8),
        oral("acetaminophen", mg("650"), every(6), 2.8, prn=True),
    ),
    stays=(Stay(codes.EMERGENCY_ADMISSION, INPATIENT, "Influenza A", "6w-s6", "sorensen", 2.9),),
    draws=(
        Draws(
            (68, 49, 25, 1.4),
            {
                "potassium": "3.7 3.8 4.0 4.1",
                "creatinine": "0.82 0.78 0.75 0.74",
                "sodium": "134 135 137 138",
                "white cells": "3.4 3.1 3.6 4.4",
                "hemoglobin": "12.7 12.5 12.4 12.6",
                "platelets": "162 151 158 176",
                "CRP": "44 58 31 16",
            },
        ),
    ),
    vitals=(
        Vitals(
            2.8,
            6,
            "39.1 38.6 37.9 37.2",
            "110 102 94 86",
            "128 124 126 130",
            "76 74 76 78",
            "24 22 20 18",
            "91 93 95 96",
        ),
    ),
    procedures=((codes.CHEST_X_RAY, 2.6),),
    immunizations=((codes.FLU_SHOT, 410),),
)

ADEYEMI = Story(
    key="adeyemi-tunde",
    family="Adeyemi",
    given=("Tunde",),
    prefix="Mr",
    gender="male",
    birth_date="1979-08-11",
    mrn="7718 2050",
    phone="(304) 555-0136",
    street="622 Lakeview Drive",
    weight="97.3",
    plan="Mountain State Health: Gold 1000",
    problems=(Problem(codes.CELLULITIS, "Cellulitis, left leg", 3.4),),
    allergies=(NONE_KNOWN,),
    medications=(
        infused("vancomycin", mg("1250"), every(12), 3.3),
        oral("cephalexin", mg("500"), every(6), 0.5),
    ),
    stays=(Stay(codes.EMERGENCY_ADMISSION, INPATIENT, "Cellulitis, left leg", "6w-a02", "sorensen", 3.4),),
    draws=(
        Draws(
            (80, 50, 26, 1.2),
            {
                "creatinine": "0.94 0.91 0.96 0.92",
                "potassium": "4.2 4.1 4.3 4.2",
                "white cells": "14.8 12.0 9.6 8.1",
                "hemoglobin": "14.6 14.2 14.3 14.5",
                "platelets": "266 271 284 290",
                "CRP": "148 102 54 23",
            },
        ),
    ),
    vitals=(
        Vitals(
            3.3,
            6,
            "38.6 37.9 37.2 36.8",
            "102 92 82 76",
            "138 134 130 128",
            "84 82 80 78",
            "18 17 16 14",
            "97 97 98 98",
        ),
    ),
    immunizations=((codes.TDAP, 900),),
)

WILLIAMS = Story(
    key="williams-dot",
    family="Williams",
    given=("Dot",),
    prefix="Mrs",
    gender="female",
    birth_date="1938",
    mrn="1044 7789",
    phone="(304) 555-0104",
    street="12 Spring Street",
    weight="44.8",
    plan="Medicare: Medicare Part A and B",
    problems=(
        Problem(codes.PNEUMONIA, "Aspiration pneumonia", 4.6),
        Problem(codes.DEMENTIA, "Advanced dementia", "2018"),
    ),
    allergies=(
        Allergy(
            codes.NOT_ASCERTAINED,
            "Unable to obtain: patient cannot say, family not reached",
            verification="unconfirmed",
        ),
    ),
    medications=(
        infused("morphine", mg("1"), every(4), 4.0),
        oral("donepezil", mg("10"), AT_BEDTIME, 4.5, held="Held: comfort care"),
    ),
    stays=(Stay(codes.HOSPITAL_ADMISSION, INPATIENT, "Comfort care", "6w-s2", "sorensen", 4.6),),
    draws=(
        Draws(
            (110, 86),
            {
                "sodium": "151 149",
                "creatinine": "1.24 1.20",
                "potassium": "4.0 3.9",
                "white cells": "16.9 17.4",
                "CRP": "188 202",
            },
        ),
    ),
    vitals=(Vitals(4.5, 12, "38.2 37.8 37.4", "104 98 92", "112 104 98", "60 56 54", "26 22 18", "90 91 92"),),
)
