"""A file of students through django-import-export.

The resource knows the columns and their simple types, the username as the key, unique columns and the value lists; it
skips what is unchanged. Lists are texts to it, and nothing looks at a second row or at an institution.
"""

from importlib import import_module
from typing import Any

from sqlalchemy import make_url

from refmodel.columns import COLUMNS, SENSITIVE, Column, Kind

OUTCOMES = {"new": "created", "update": "updated", "skip": "unchanged"}


def settings_of(url: str) -> dict[str, object]:
    """Django's settings of a database."""
    named = make_url(url)
    if named.get_backend_name() == "sqlite":
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": named.database}
    host = named.query.get("host", named.host)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": named.database,
        "USER": named.username,
        "PASSWORD": named.password,
        "HOST": host,
        "PORT": named.port,
    }


def prepared(url: str) -> Any:
    """A resource over a table that is made anew."""
    import_module("django.conf").settings.configure(
        DATABASES={"default": settings_of(url)},
        INSTALLED_APPS=["import_export"],
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        USE_TZ=True,
    )
    import_module("django").setup()
    model = student_model()
    with import_module("django.db").connection.schema_editor() as editor:
        editor.execute(f"DROP TABLE IF EXISTS {model._meta.db_table}")
        editor.create_model(model)
    return resource_of(model)


def student_model() -> Any:
    """The model, a field a column."""
    models: Any = import_module("django.db.models")
    meta = type("Meta", (), {"app_label": "import_export", "db_table": "bench_students"})
    fields = {name_of(column): field_of(models, column) for column in COLUMNS}
    return type("Student", (models.Model,), {"__module__": __name__, "Meta": meta, **fields})


def name_of(column: Column) -> str:
    """A column's name as a field."""
    return column.header.replace(":", "_")


def field_of(models: Any, column: Column) -> Any:
    """A column as a field of a model."""
    match column.kind:
        case Kind.DATE:
            return models.DateField(null=True, blank=True)
        case Kind.BOOLEAN:
            return models.BooleanField(null=True, blank=True)
    return models.TextField(unique=column in SENSITIVE, blank=True)


def resource_of(model: Any) -> Any:
    """The resource, with the headers of the file and the usernames as keys."""
    resources: Any = import_module("import_export.resources")
    fields: Any = import_module("import_export.fields")
    widgets: Any = import_module("import_export.widgets")
    kinds = {Kind.DATE: widgets.DateWidget, Kind.BOOLEAN: widgets.BooleanWidget}
    named = {
        name_of(column): fields.Field(
            attribute=name_of(column), column_name=column.header, widget=kinds.get(column.kind, widgets.CharWidget)()
        )
        for column in COLUMNS
    }
    options = {
        "model": model,
        "import_id_fields": ("username",),
        "fields": tuple(named),
        "skip_unchanged": True,
        "report_skipped": True,
        "use_transactions": True,
    }
    meta = type("Meta", (), options)
    return type("StudentResource", (resources.ModelResource,), {**named, "Meta": meta})()


def imported(resource: Any, data: bytes) -> dict[str, int]:
    """How many rows had which outcome."""
    dataset = import_module("tablib").Dataset().load(data.decode(), format="csv")
    result = resource.import_data(dataset, raise_errors=True)
    return {OUTCOMES.get(name, name): count for name, count in result.totals.items() if count}
