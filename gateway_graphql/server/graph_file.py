"""Reads ``graph.yaml``: the subgraphs, and the settings of the server. Everything wrong in it is said at once."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib.util import find_spec
from ipaddress import ip_network
from pathlib import Path
from typing import Any, TypeVar

import yaml

from gateway_graphql.execution.cost import CostLimits
from gateway_graphql.execution.error_masking import ErrorMasking
from gateway_graphql.execution.operation_limits import OperationLimits
from gateway_graphql.server.rest.page import WrongRestPage, read_rest_page
from gateway_graphql.server.settings import (
    ApplicationSettings,
    AuthenticationSettings,
    AuthorizationSettings,
    CacheSettings,
    HttpsSettings,
    Limits,
    LiveSettings,
    LogLinesSettings,
    RateLimitSettings,
    ServerSettings,
    ServiceTokenSettings,
    SubgraphSettings,
    SubgraphTls,
    Timeouts,
    TrafficSettings,
)
from gateway_graphql.server.subgraph_streams import ACCEPT
from gateway_graphql.server.tls import tls_problem
from gateway_graphql.server.yaml_section import Section

__all__ = ["GraphFile", "SubgraphEntry", "WrongGraphFile", "read_graph_file"]

Tls = TypeVar("Tls", SubgraphTls, HttpsSettings)
ORIGIN = re.compile(r"(https?|wss?)://[^\s/;,'\"]+")
VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}")
SECTIONS = {
    "limits": Limits,
    "operation_limits": OperationLimits,
    "cost": CostLimits,
    "rate_limits": RateLimitSettings,
    "log_lines": LogLinesSettings,
    "error_masking": ErrorMasking,
    "timeouts": Timeouts,
    "live": LiveSettings,
    "traffic": TrafficSettings,
    "authorization": AuthorizationSettings,
}
FLAGS = (
    "graphiql",
    "introspection",
    "suggestions",
    "query_plan_in_answer",
    "compression",
    "tracing",
    "csrf_prevention",
    "only_trusted",
)


@dataclass(frozen=True, slots=True)
class SubgraphEntry:
    """One subgraph of the file."""

    name: str
    routing_url: str
    schema_file: Path | None = None
    schema_url: str | None = None
    """ask the running service here; exactly one of the two is set"""


@dataclass(frozen=True, slots=True)
class GraphFile:
    """The whole file."""

    subgraphs: tuple[SubgraphEntry, ...]
    """what to compose; none if there is a supergraph already"""
    settings: ServerSettings
    supergraph: Path | None = None
    """what ``compose`` has written"""


class WrongGraphFile(Exception):
    """The file cannot be used. ``problems`` are lines for the person who wrote it."""

    def __init__(self, file: Path, problems: list[str]) -> None:
        super().__init__("\n".join(f"{file}: {problem}" for problem in problems))
        self.problems = problems


def read_graph_file(
    file: Path, environment: Mapping[str, str] = os.environ, supergraph: Path | None = None
) -> GraphFile:
    """
    Read the file, or raise :class:`WrongGraphFile` with everything that is wrong in it.

    ``supergraph`` is one that is to be served whatever the file says of it.
    """
    problems: list[str] = []
    page = Section("", _expanded(_parsed(file), environment, "", problems), problems)
    is_composed = supergraph is not None or page.has("supergraph")
    in_file = page.file("supergraph", file.parent)
    subgraphs: list[SubgraphEntry] = []
    network: dict[str, SubgraphSettings] = {}
    missing = "list the subgraphs under it, each with routing_url and schema; or name a supergraph"
    listed = page.section("subgraphs", required=None if is_composed else missing)
    for name in listed.names():
        entry = listed.section(name)
        network[name] = _read_subgraph(entry, file.parent)
        if is_composed:
            entry.ignore("schema")
        else:
            subgraphs.append(_read_schema(name, entry, network[name].routing_url, file.parent))
        entry.refuse_the_rest()
    if not subgraphs and not is_composed and not problems:
        problems.append("subgraphs: there is none; add at least one, with routing_url and schema")
    settings = _read_settings(page, network, file.parent)
    page.ignore("federation_version")  # rover's files have it; we compose in the newest version that is asked for
    page.refuse_the_rest()
    if problems:
        raise WrongGraphFile(file, problems)
    return GraphFile(tuple(subgraphs), settings, supergraph or in_file)


def _read_schema(name: str, entry: Section, routing_url: str | None, folder: Path) -> SubgraphEntry:
    schema = entry.section("schema", required="add `file: schema.graphql`, or `subgraph_url: http://…`")
    file, url = schema.text("file"), schema.text("subgraph_url")
    if schema.given and (file is None) == (url is None):
        schema.problem("name either a file or a subgraph_url, not both and not neither")
    schema.refuse_the_rest()
    routing_url = routing_url or url
    if routing_url is None and not entry.has("routing_url"):
        entry.problem(f"routing_url is missing; add the URL where {name} answers GraphQL over HTTP")
    path = folder / file if file is not None else None
    if path is not None and not path.is_file():
        schema.problem(f"there is no file {path}; the path is relative to the folder of this YAML file")
    return SubgraphEntry(name, routing_url or "", path, url)


def _read_subgraph(entry: Section, folder: Path) -> SubgraphSettings:
    return SubgraphSettings(
        entry.url("routing_url"),
        entry.url("subscription_url"),
        entry.number("timeout"),
        _read_http2(entry),
        entry.choice("live", ("websocket", *ACCEPT)) or "websocket",
        entry.flag("share_live") or False,
        entry.mapping_of_texts("headers") or {},
        _header_names(entry, "forward_headers"),
        entry.dataclass("traffic", TrafficSettings),
        _read_subgraph_tls(entry.section("tls"), folder),
    )


def _header_names(section: Section, name: str) -> tuple[str, ...] | None:
    names = section.texts(name)
    return None if names is None else tuple(each.lower() for each in names)


def _read_http2(entry: Section) -> bool:
    asked = entry.flag("http2") or False
    if asked and find_spec("h2") is None:
        entry.problem("h2 is not installed; pip install 'gateway-graphql[http2]'", "http2")
    return asked


def _read_subgraph_tls(section: Section, folder: Path) -> SubgraphTls | None:
    settings = SubgraphTls(*(section.file(name, folder) for name in ("ca_file", "certificate_file", "key_file")))
    section.refuse_the_rest()
    if settings.key_file is not None and settings.certificate_file is None:
        section.problem("name the certificate that this is the key of, with certificate_file", "key_file")
    return _usable(settings, section)


def _read_application(section: Section, folder: Path) -> ApplicationSettings | None:
    named = section.text("folder")
    origins = tuple(one for one in section.texts("connect_to") or () if one)
    settings = section.mapping_of_texts("settings") or {}
    section.refuse_the_rest()
    # No name: what an environment variable leaves where no application was built.
    if named is None:
        return None
    if not (folder / named / "index.html").is_file():
        section.problem(f"there is no {folder / named / 'index.html'}; build the application first", "folder")
    for origin in origins:
        if not ORIGIN.fullmatch(origin):
            section.problem(f"expected an origin such as https://login.example.org, not {origin!r}", "connect_to")
    return ApplicationSettings(folder / named, origins, settings)


def _read_https(section: Section, folder: Path) -> HttpsSettings | None:
    certificate, key, clients = (
        section.file(one, folder) for one in ("certificate_file", "key_file", "client_ca_file")
    )
    section.refuse_the_rest()
    if section.given and not section.has("certificate_file"):
        section.problem("missing", "certificate_file")
    return _usable(HttpsSettings(certificate, key, clients), section) if certificate is not None else None


def _usable(settings: Tls, section: Section) -> Tls | None:
    if not section.given:
        return None
    if problem := tls_problem(settings):
        section.problem(problem)
    return settings


def _read_settings(page: Section, network: Mapping[str, SubgraphSettings], folder: Path) -> ServerSettings:
    found: dict[str, Any] = {
        name: made for name, kind in SECTIONS.items() if (made := page.dataclass(name, kind)) is not None
    }
    token = found["service_token"] = page.dataclass("service_token", ServiceTokenSettings)
    if token is not None and (token.key is None) == (token.key_file is None):
        page.problem("name either a key or a key_file, not both and not neither", "service_token")
    if token is None and (made := found.get("log_lines")) and made.redis_url:
        page.problem("add service_token: it says whose the lines are", "log_lines")
    found["subgraph_tls"] = _read_subgraph_tls(page.section("subgraph_tls"), folder)
    found["https"] = _read_https(page.section("https"), folder)
    found["metrics_tls"] = _read_https(page.section("metrics_tls"), folder)
    found["application"] = _read_application(page.section("application"), folder)
    found["cache"] = page.dataclass("cache", CacheSettings)
    found["authentication"] = page.dataclass("authentication", AuthenticationSettings)
    for name in ("forward_headers", "answer_headers", "csrf_headers"):
        if (headers := _header_names(page, name)) is not None:
            found[name] = headers
    if (origins := page.texts("cors_origins")) is not None:
        found["cors_origins"] = tuple(origins)
    if (extensions := page.texts("extensions")) is not None:
        found["extensions"] = tuple(extensions)
    for name in FLAGS:
        if (flag := page.flag(name)) is not None:
            found[name] = flag
    if (metrics := page.host_and_port("metrics")) is not None:
        found["metrics"] = metrics
    if (every := page.number("reload_every", least=0)) is not None:
        found["reload_every"] = every
    for name in ("known_operations", "trusted_documents"):
        if (file := page.file(name, folder)) is not None:
            found[name] = file
    if (pages := page.files("rest", folder)) is not None:
        found["rest"] = tuple(pages)
        for problem in _wrong_rest_pages(pages):
            page.problem(problem, "rest")
    if found.get("only_trusted") and "trusted_documents" not in found:
        page.problem("there are none; name their file with trusted_documents", "only_trusted")
    if (size := page.integer("plan_cache_size")) is not None:
        found["plan_cache_size"] = size
    if made := found.get("rate_limits"):
        for proxies in made.trusted_proxies:
            if not _is_network(proxies):
                page.problem(f"{proxies!r} is no network; write it like 10.0.0.0/8", "rate_limits.trusted_proxies")
    if page.flag("production"):
        if "error_masking" in found and not page.section("error_masking").has("enabled"):
            found["error_masking"] = replace(found["error_masking"], enabled=True)
        return ServerSettings.in_production(subgraphs=network, **found)
    return ServerSettings(subgraphs=network, **found)


def _wrong_rest_pages(files: list[Path]) -> list[str]:
    problems: list[str] = []
    prefixes: dict[str, Path] = {}
    for file in files:
        try:
            prefix = read_rest_page(file).prefix
        except WrongRestPage as wrong:
            problems += [f"{file}: {problem}" for problem in wrong.problems]
            continue
        if (other := prefixes.setdefault(prefix, file)) is not file:
            problems.append(f"{file}: {other} has the prefix {prefix} already")
    return problems


def _is_network(text: str) -> bool:
    try:
        ip_network(text)
    except ValueError:
        return False
    return True


def _parsed(file: Path) -> Any:
    try:
        text = file.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise WrongGraphFile(file, ["there is no such file; name your graph.yaml with --config"]) from None
    except (OSError, UnicodeDecodeError) as problem:
        raise WrongGraphFile(file, [f"cannot be read: {problem}"]) from None
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as problem:
        mark = getattr(problem, "problem_mark", None)
        where = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        what = getattr(problem, "problem", None) or str(problem)
        raise WrongGraphFile(file, [f"{where}this is not YAML: {what}"]) from None


def _expanded(value: Any, environment: Mapping[str, str], where: str, problems: list[str]) -> Any:
    """The value with ``${NAME}`` and ``${NAME:-default}`` replaced in every text of it."""

    def of(match: re.Match[str]) -> str:
        name, default = match.group(1), match.group(2)
        found = environment.get(name) or default
        if found is None:
            problems.append(f"{where}: set {name} in the environment; the file refers to it as ${{{name}}}")
        return found or ""

    if isinstance(value, str):
        return VARIABLE.sub(of, value)
    if isinstance(value, dict):
        return {
            key: _expanded(inner, environment, f"{where}.{key}" if where else str(key), problems)
            for key, inner in value.items()
        }
    if isinstance(value, list):
        return [_expanded(inner, environment, f"{where}.{index}", problems) for index, inner in enumerate(value)]
    return value
