"""The style sheets and scripts of a service that has pages of its own."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from whitenoise.middleware import WhiteNoiseMiddleware


class StaticFiles(WhiteNoiseMiddleware):
    """WhiteNoise, answering with whole files: under ASGI, Django cannot stream what is read synchronously."""

    @staticmethod
    def serve(static_file: Any, request: HttpRequest) -> HttpResponse:
        """Answer with one file."""
        found = static_file.get_response(request.method, request.META)
        response = HttpResponse(found.file.read() if found.file else b"", status=found.status)
        if found.file:
            found.file.close()
        del response["Content-Type"]
        for name, value in found.headers:
            response[name] = value
        return response
