"""Code systems, their concepts, and value sets made of them."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models.functions import Length

from ehr.audit.records import Record


class CodeSystem(Record):
    """FHIR CodeSystem; a terminology loaded from its publisher's release.

    The code systems that FHIR R4 itself defines are not here: ehr.fhir.definitions compiles them.
    """

    class Status(models.TextChoices):
        """http://hl7.org/fhir/publication-status."""

        DRAFT = "draft"
        ACTIVE = "active"
        RETIRED = "retired"
        UNKNOWN = "unknown"

    class Content(models.TextChoices):
        """http://hl7.org/fhir/codesystem-content-mode: all of the code system's concepts, or some."""

        COMPLETE = "complete"
        FRAGMENT = "fragment"

    url = models.TextField(unique=True, db_collation="C")
    version = models.TextField()
    name = models.TextField()
    publisher = models.TextField()
    copyright = models.TextField()
    status = models.TextField(choices=Status)
    content = models.TextField(choices=Content)
    edition = models.IntegerField(default=0)  # counts releases: a concept of an older edition is not in the newest
    digest = models.TextField()  # of the release that this edition is loaded from
    loaded_at = models.DateTimeField(null=True)  # null while an edition is being loaded
    loaded_by = models.TextField()

    class Meta(Record.Meta):
        db_table = "terminology_code_system"


class Concept(Record):
    """FHIR CodeSystem.concept; one code with its words.

    A code that a later release drops becomes inactive and stays: charts speak of it. `parents` are codes of the same
    system (subsumption "is-a"). `selectable` is false for a heading that may not stand in a record, such as a category
    of ICD-10-CM that is divided further (FHIR concept property notSelectable).
    """

    class Status(models.TextChoices):
        """FHIR concept property status."""

        ACTIVE = "active"
        INACTIVE = "inactive"

    system = models.ForeignKey(CodeSystem, on_delete=models.PROTECT, related_name="concepts", db_index=False)
    code = models.TextField(db_collation="C")
    display = models.TextField()
    synonyms = ArrayField(models.TextField(), default=list)
    parents = ArrayField(models.TextField(db_collation="C"), default=list)
    status = models.TextField(choices=Status)
    selectable = models.BooleanField(default=True)
    edition = models.IntegerField()
    compact_code = models.TextField(db_collation="C")  # "e119" for E11.9
    folded_display = models.TextField(db_collation="C")
    search_text = models.TextField()  # " e119 e11 9 type 2 …": each word once, folded
    words = models.GeneratedField(
        expression=models.Func(
            models.Func(models.Func("search_text", function="btrim"), models.Value(" "), function="string_to_array"),
            function="array_to_tsvector",
        ),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    class Meta(Record.Meta):
        db_table = "terminology_concept"
        constraints = [models.UniqueConstraint("system", "code", name="terminology_concept_code")]
        indexes = [
            models.Index("system", "compact_code", name="terminology_concept_compact"),
            # For words that thousands of concepts hold: the shortest come first without a sort.
            models.Index("system", Length("display"), "code", name="terminology_concept_shortest"),
            models.Index("system", "edition", name="terminology_concept_edition"),
            GinIndex("parents", name="terminology_concept_parents"),
            GinIndex("words", name="terminology_concept_words"),
        ]


class ValueSet(Record):
    """FHIR ValueSet; a choice of codes, stated as rules over code systems.

    `compose` is FHIR's ValueSet.compose, as far as ehr.terminology.compose understands it; anything else is refused.
    """

    url = models.TextField(unique=True, db_collation="C")
    version = models.TextField()
    name = models.TextField()
    copyright = models.TextField()
    status = models.TextField(choices=CodeSystem.Status)
    compose = models.JSONField()

    class Meta(Record.Meta):
        db_table = "terminology_value_set"
