"""A made-up hospital and a made-up clinic: people, places and charts that lie around the moment they are loaded.

Everybody in it is invented. Clinical content is plausible for demonstration and was not reviewed for care.

LOINC codes and names are copyright Regenstrief Institute, Inc. and the LOINC Committee, used under
https://loinc.org/license. SNOMED CT codes are copyright SNOMED International and need an affiliate licence where one
applies. RxNorm and CVX are public.
"""
