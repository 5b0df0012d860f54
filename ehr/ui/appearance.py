"""A person's choice of theme and density, kept in two cookies so that the first paint is right without a script."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse

THEMES = ("system", "light", "dark")
DENSITIES = ("dense", "comfortable")
COOKIE_AGE = 365 * 24 * 3600


@dataclass(frozen=True)
class Appearance:
    """`theme` of THEMES, `density` of DENSITIES."""

    theme: str = "system"
    density: str = "dense"

    @classmethod
    def of(cls, request: HttpRequest) -> "Appearance":
        """What the request's cookies say; an unknown value counts as none."""
        theme, density = request.COOKIES.get("theme"), request.COOKIES.get("density")
        return cls(
            theme=theme if theme in THEMES else cls.theme,
            density=density if density in DENSITIES else cls.density,
        )

    def keep(self, response: HttpResponse, *, secure: bool) -> None:
        """Sets the cookies."""
        for name, value in (("theme", self.theme), ("density", self.density)):
            response.set_cookie(name, value, max_age=COOKIE_AGE, samesite="Lax", httponly=True, secure=secure)
