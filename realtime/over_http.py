"""GraphQL over HTTP as its specification asks: the media type the caller wants, and a status that says what went wrong."""

from typing import Any

import orjson
from cross_web import HTTPException
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from strawberry.django.views import AsyncGraphQLView

__all__ = ["OverHttp"]

RESPONSE_JSON = "application/graphql-response+json"
PLAIN_JSON = "application/json"
ANSWERS = {RESPONSE_JSON: RESPONSE_JSON, PLAIN_JSON: PLAIN_JSON, "application/*": PLAIN_JSON, "*/*": PLAIN_JSON}


class OverHttp(AsyncGraphQLView):
    """The endpoint for queries; live results are on the WebSocket beside it."""

    media_type = PLAIN_JSON
    """of the answer to this request; Django makes a view for each"""

    async def dispatch(self, request: HttpRequest, *_: Any, **__: Any) -> HttpResponseBase:  # type: ignore[override]
        accepted = [part.split(";")[0].strip().lower() for part in request.headers.get("Accept", "*/*").split(",")]
        media_type = next((ANSWERS[one] for one in accepted if one in ANSWERS), None)
        if media_type is None:
            return _refusal(406, f"Answers are {RESPONSE_JSON} or {PLAIN_JSON}.", PLAIN_JSON)
        self.media_type = media_type
        try:
            response = await self.run(request=request)
        except HTTPException as refused:
            response = _refusal(refused.status_code, refused.reason, media_type)
            if refused.status_code == 405:
                response["Allow"] = "GET, POST"
            return response
        response["Content-Type"] = f"{media_type}; charset=utf-8"
        return response

    def create_response(self, response_data: Any, sub_response: HttpResponse) -> HttpResponseBase:
        status = sub_response.status_code or 200
        if isinstance(response_data, dict) and response_data.get("data") is None:
            errors = response_data.get("errors") or []
            if errors and not any("path" in error for error in errors):  # nothing was executed
                response_data = {name: value for name, value in response_data.items() if name != "data"}
                status = 400 if self.media_type == RESPONSE_JSON else 200
        return HttpResponse(orjson.dumps(response_data), status=status)


def _refusal(status: int, message: str, media_type: str) -> HttpResponse:
    body = orjson.dumps({"errors": [{"message": message, "extensions": {"code": "BAD_REQUEST"}}]})
    return HttpResponse(body, status=status, content_type=f"{media_type}; charset=utf-8")
