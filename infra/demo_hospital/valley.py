"""Valley Clinic: a small practice with three patients."""

from infra.demo_hospital import codes, facility
from infra.demo_hospital.codes import AMBULATORY
from infra.demo_hospital.facility import Facility, Person, Place
from infra.demo_hospital.prescriptions import DAILY, every, inhaled, mg, oral, puffs
from infra.demo_hospital.stories import NONE_KNOWN, Allergy, Draws, Problem, Stay, Story, Vitals

FACILITY = Facility(
    name="Valley Clinic",
    street="3 Mill Lane",
    city="Elizabeth",
    state="WV",
    postal_code="26143",
    telephone="(304) 555-0200",
    mrn_system="https://valley-clinic.example/mrn",
    payers=("Mountain State Health",),
    places=(Place("clinic", "Valley Clinic"),),
    staff=(
        Person("ito", "Naomi", "Ito", "MD", facility.PHYSICIAN, "1003000191"),
        Person("reyes", "Luz", "Reyes", "RN", facility.NURSE, "1003000209"),
    ),
)

BRANDT = Story(
    key="brandt-lena",
    family="Brandt",
    given=("Lena",),
    prefix="",
    gender="female",
    birth_date="2017-07-19",
    mrn="V-00412",
    phone="(304) 555-0212",
    street="28 Creek Road",
    weight="29.4",
    plan="Mountain State Health: Family",
    problems=(Problem(codes.ASTHMA, "Asthma", "2021-10"),),
    allergies=(Allergy(codes.PEANUT, "peanut", "food", codes.ANAPHYLAXIS, "anaphylaxis", "severe"),),
    medications=(inhaled("albuterol", puffs("2"), every(4), 6.1, prn=True),),
    stays=(Stay(codes.FOLLOW_UP, AMBULATORY, "Asthma follow-up", "clinic", "ito", 6.1, 6.07),),
    vitals=(Vitals(12, 72, "36.9 36.8", "96 92", "102 104", "64 66", "22 20", "96 98"),),
    immunizations=((codes.FLU_SHOT, 29), (codes.DTAP, 1600), (codes.MMR, 1605)),
)

SATO = Story(
    key="sato-kenji",
    family="Sato",
    given=("Kenji",),
    prefix="Mr",
    gender="male",
    birth_date="1950-03",
    mrn="V-00077",
    phone="(304) 555-0231",
    street="114 Ridge Road",
    weight="61.0",
    plan="Mountain State Health: Senior",
    problems=(
        Problem(codes.COPD, "COPD", "2013"),
        Problem(codes.HYPERTENSION, "Hypertension", "2003"),
    ),
    allergies=(NONE_KNOWN,),
    medications=(
        inhaled("tiotropium", ("18", "mcg", "ug"), DAILY, 11.2),
        inhaled("albuterol", puffs("2"), every(4), 11.2, prn=True),
        oral("amlodipine", mg("5"), DAILY, 11.2),
    ),
    stays=(Stay(codes.CHECK_UP, AMBULATORY, "COPD check", "clinic", "ito", 11.2, 11.16),),
    draws=(
        Draws(
            (4400, 268),
            {"hemoglobin": "15.9 16.1", "white cells": "8.2 7.7", "platelets": "218 225", "creatinine": "0.88 0.91"},
        ),
    ),
    vitals=(Vitals(11, 48, "36.5 36.6", "88 84", "142 136", "82 80", "20 18", "91 93"),),
    immunizations=((codes.PNEUMOCOCCAL_23, 1500),),
)

DIALLO = Story(
    key="diallo-aminata",
    family="Diallo",
    given=("Aminata",),
    prefix="Ms",
    gender="female",
    birth_date="1994-01-25",
    mrn="V-00538",
    phone="(304) 555-0244",
    street="6 Orchard Street",
    weight="72.8",
    plan="Mountain State Health: Family",
    problems=(
        Problem(codes.PREGNANCY, "Pregnancy, second trimester", 130),
        Problem(codes.HYPOTHYROIDISM, "Hypothyroidism", "2019-06"),
    ),
    medications=(oral("levothyroxine", ("75", "mcg", "ug"), DAILY, 90),),
    stays=(Stay(codes.CHECK_UP, AMBULATORY, "Antenatal check", "clinic", "ito", 4.3, 4.26),),
    draws=(
        Draws((2600, 103), {"TSH": "4.6 2.4", "hemoglobin": "12.6 11.9", "platelets": "240 231", "glucose": "86 88"}),
    ),
    vitals=(Vitals(14, 168, "36.7 36.6", "84 88", "112 110", "70 68", "16 16", "99 98"),),
    immunizations=((codes.FLU_SHOT, 22), (codes.TDAP, 12)),
)

STORIES = (BRANDT, SATO, DIALLO)
PORTAL_PATIENT = DIALLO
