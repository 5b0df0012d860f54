"""A new version of a resource moves the old one to fhir_version: nothing is overwritten, whoever writes."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION fhir_keep_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.key <> OLD.key OR NEW.type <> OLD.type OR NEW.id <> OLD.id THEN
    RAISE EXCEPTION 'the identity of %/% cannot change', OLD.type, OLD.id USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  IF OLD.xact = pg_current_xact_id() THEN
    -- one version per resource and transaction: what this transaction wrote a moment ago is not history yet
    IF NEW.version_id <> OLD.version_id THEN
      RAISE EXCEPTION '%/% gets one version in a transaction', OLD.type, OLD.id USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
  END IF;
  IF NEW.version_id = OLD.version_id THEN
    IF NEW.content IS NOT DISTINCT FROM OLD.content AND NEW.deleted = OLD.deleted
       AND NEW.last_updated = OLD.last_updated AND NEW.xact = OLD.xact THEN
      RETURN NEW;  -- only the index columns are rebuilt
    END IF;
    RAISE EXCEPTION '%/% version % cannot be overwritten', OLD.type, OLD.id, OLD.version_id USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  IF NEW.version_id <> OLD.version_id + 1 THEN
    RAISE EXCEPTION '%/% goes from version % to %', OLD.type, OLD.id, OLD.version_id, OLD.version_id + 1 USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  INSERT INTO fhir_version (key, version_id, last_updated, deleted, content, xact)
    VALUES (OLD.key, OLD.version_id, OLD.last_updated, OLD.deleted, OLD.content, OLD.xact);
  NEW.xact := pg_current_xact_id();
  RETURN NEW;
END $$;
CREATE TRIGGER fhir_keep_version BEFORE UPDATE ON fhir_resource FOR EACH ROW EXECUTE FUNCTION fhir_keep_version();

CREATE FUNCTION fhir_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% of % is refused: versions are kept', TG_OP, TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER fhir_refuse_delete BEFORE DELETE ON fhir_resource FOR EACH STATEMENT EXECUTE FUNCTION fhir_refuse_change();
CREATE TRIGGER fhir_refuse_change BEFORE UPDATE OR DELETE ON fhir_version FOR EACH STATEMENT EXECUTE FUNCTION fhir_refuse_change();
"""

REVERSE = """
DROP TRIGGER fhir_refuse_change ON fhir_version;
DROP TRIGGER fhir_refuse_delete ON fhir_resource;
DROP TRIGGER fhir_keep_version ON fhir_resource;
DROP FUNCTION fhir_refuse_change;
DROP FUNCTION fhir_keep_version;
"""


class Migration(migrations.Migration):
    dependencies = [("fhir", "0001_initial")]

    operations = [migrations.RunSQL(FORWARD, REVERSE)]
