"""The patients of 5 East, of the emergency department and of the clinic."""

from infra.demo_hospital import codes
from infra.demo_hospital.codes import AMBULATORY, EMERGENCY, INPATIENT
from infra.demo_hospital.prescriptions import (
    AT_BEDTIME,
    DAILY,
    TWICE_DAILY,
    every,
    infused,
    mg,
    oral,
    running,
)
from infra.demo_hospital.stories import NONE_KNOWN, Allergy, Draws, Problem, Stay, Story, Vitals

HARRIS_JOAN = Story(
    key="harris-joan",
    family="Harris",
    given=("Joan",),
    prefix="Mrs",
    gender="female",
    birth_date="1967-05-08",
    mrn="8051 4470",
    phone="(304) 555-0181",
    street="9 Quincy Street",
    weight="69.9",
    plan="Mountain State Health: Silver 3000",
    problems=(
        Problem(codes.GI_BLEED, "GI bleed, stable", 1.9),
        Problem(codes.IRON_DEFICIENCY, "Iron deficiency anemia", "2026-02"),
    ),
    allergies=(Allergy(codes.PENICILLIN, "penicillin", "medication", codes.RASH, "rash", "mild"),),
    medications=(
        infused("pantoprazole", mg("40"), TWICE_DAILY, 1.8),
        oral("ferrous sulfate", mg("325"), DAILY, 1.8, held="Held until after endoscopy"),
    ),
    stays=(Stay(codes.EMERGENCY_ADMISSION, INPATIENT, "GI bleed, stable", "5e-12", "abara", 1.9),),
    draws=(
        Draws(
            (45, 37, 29, 21, 13, 1.0),
            {
                "hemoglobin": "9.4 8.9 8.8 8.6 8.6 8.4",
                "white cells": "8.8 - 7.9 - - 7.2",
                "platelets": "312 - 298 - - 305",
                "potassium": "4.0 - 3.9 - - 4.0",
                "creatinine": "0.81 - 0.77 - - 0.76",
                "urea nitrogen": "41 - 34 - - 24",
                "INR": "1.1 - - - - 1.0",
            },
        ),
    ),
    vitals=(Vitals(1.8, 4, "36.7 36.8", "112 98 88", "98 108 116", "58 64 70", "18 16 16", "97 98 98"),),
    procedures=((codes.COLONOSCOPY, 610),),
)

HARRIS_JOHN = Story(
    key="harris-john",
    family="Harris",
    given=("John",),
    prefix="Mr",
    gender="male",
    birth_date="1965-11-19",
    mrn="8051 9923",
    phone="(304) 555-0182",
    street="350 Emerson Avenue",
    weight="81.7",
    plan="Mountain State Health: Gold 1000",
    problems=(
        Problem(codes.CHEST_PAIN, "Chest pain, rule out", 0.8),
        Problem(codes.HYPERLIPIDEMIA, "Hyperlipidemia", "2017"),
    ),
    allergies=(NONE_KNOWN,),
    medications=(oral("aspirin", mg("81"), DAILY, 0.8), oral("atorvastatin", mg("40"), AT_BEDTIME, 0.8)),
    stays=(Stay(codes.OBSERVATION_ADMISSION, INPATIENT, "Chest pain, rule out", "5e-14", "abara", 0.8),),
    draws=(
        Draws(
            (18.5, 12.4, 0.4),
            {
                "troponin": "8 9 9",
                "potassium": "4.3 - 4.2",
                "creatinine": "1.01 - 0.99",
                "glucose": "104 - 97",
                "hemoglobin": "15.0 - 14.8",
            },
        ),
    ),
    vitals=(Vitals(0.75, 4, "36.6 36.7", "84 72", "144 132", "86 80", "16 14", "98 98"),),
)

WEBER = Story(
    key="weber-lukas",
    family="Weber",
    given=("Lukas",),
    prefix="Mr",
    gender="male",
    birth_date="1968-10-05",
    mrn="6640 9017",
    phone="(304) 555-0129",
    street="41 Seventh Street",
    plan="Mountain State Health: Gold 1000",
    problems=(Problem(codes.NSTEMI, "NSTEMI", 0.1),),
    medications=(
        oral("aspirin", mg("324"), DAILY, 0.12),
        running("heparin", ("1000", "units/hour", "[iU]/h"), 0.1),
        oral("nitroglycerin", mg("0.4"), every(1), 0.12, prn=True),
    ),
    stays=(Stay(codes.EMERGENCY_ADMISSION, EMERGENCY, "Chest pain, ST depression", "ed-7", "abara", 0.14),),
    draws=(
        Draws(
            (3.1, 0.4),
            {
                "potassium": "4.2 -",
                "creatinine": "0.97 -",
                "sodium": "139 -",
                "glucose": "131 -",
                "hemoglobin": "15.1 -",
                "platelets": "244 -",
                "troponin": "48 412",
            },
        ),
    ),
    vitals=(Vitals(0.13, 0.5, "36.9 36.9", "104 96", "158 142", "96 88", "22 20", "94 96"),),
)

PEREIRA = Story(
    key="pereira-joao",
    family="Pereira",
    given=("João",),
    prefix="Mr",
    gender="male",
    birth_date="1971-12-03",
    mrn="3316 4082",
    phone="(304) 555-0190",
    street="85 Washington Avenue",
    weight="86.5",
    plan="Mountain State Health: Gold 1000",
    problems=(
        Problem(codes.DIABETES_2, "Type 2 diabetes", "2016-09"),
        Problem(codes.HYPERTENSION, "Hypertension", "2014"),
        Problem(codes.ARTHRITIS, "Osteoarthritis, right knee", "2020"),
    ),
    allergies=(Allergy(codes.PEANUT, "peanut", "food", codes.HIVES, "hives", "moderate"),),
    medications=(
        oral("metformin", mg("1000"), TWICE_DAILY, 13.5),
        oral("lisinopril", mg("20"), DAILY, 13.5),
        oral("atorvastatin", mg("20"), AT_BEDTIME, 13.5),
    ),
    stays=(
        Stay(codes.FOLLOW_UP, AMBULATORY, "Diabetes follow-up", "clinic", "abara", 1.2, 1.15),
        Stay(codes.CHECK_UP, AMBULATORY, "Diabetes check", "clinic", "abara", 13.6, 13.55),
        Stay(codes.CHECK_UP, AMBULATORY, "Yearly check", "clinic", "abara", 372, 371.95),
    ),
    draws=(
        Draws(
            (8927, 326, 28.6),
            {
                "A1c": "7.9 7.6 7.2",
                "glucose": "158 149 131",
                "potassium": "4.5 4.6 4.4",
                "creatinine": "0.96 0.99 0.97",
                "sodium": "139 140 140",
                "TSH": "2.1 - -",
            },
        ),
    ),
    vitals=(Vitals(13.4, 24, "36.6 36.6", "82 76", "146 138 132", "90 84 82", "14 14", "98 98"),),
    procedures=((codes.COLONOSCOPY, 1300),),
    immunizations=((codes.FLU_SHOT, 36), (codes.TDAP, 2050), (codes.COVID_MRNA, 365)),
)
