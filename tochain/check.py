"""The pipeline: read, bind, complete, join, judge. Everything tochain does with a repository goes through here."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass, field
from difflib import get_close_matches
from fnmatch import fnmatch
from pathlib import Path

from tochain import bind as binding
from tochain import suppress
from tochain.config import Config, load
from tochain.discover import Files, discover, shown_path
from tochain.engine.judge import Overrides, judge
from tochain.engine.schema import Rule, load_rules
from tochain.engine.selftest import Sample
from tochain.fix.trial import tried
from tochain.graph.build import build
from tochain.model.component import Component
from tochain.model.coverage import FileReport, Problem
from tochain.model.errors import FactsError, UsageError
from tochain.model.finding import Finding
from tochain.model.hop import DeclaredPath, Graph
from tochain.model.result import Result
from tochain.model.span import SourceFile, Span
from tochain.options import NAMES, Options, find_config
from tochain.products.base import Context
from tochain.products.dsnlinks import with_dsn_links
from tochain.products.facts import load_file
from tochain.products.kernel import with_kernel
from tochain.products.registry import Registry
from tochain.products.sources import called_by_product, with_pins
from tochain.products.started import with_started
from tochain.products.workloads import with_platform
from tochain.reading import read_all
from tochain.unread import readable

__all__ = ["Analysis", "Options", "analyse", "check", "check_files", "find_config", "sample"]


@dataclass(slots=True)
class Analysis:
    """Everything between the files and the findings, for commands that show it."""

    graph: Graph
    files: Files
    reports: dict[str, FileReport]
    config: Config
    registry: Registry
    crashes: list[str]
    named: dict[str, Component] = field(default_factory=dict)

    def text(self, path: str) -> SourceFile | None:
        """A file to quote from by its shown path, tochain.yaml included."""
        own = self.config.source
        return own if own is not None and own.path == path else self.files.text(path)


def check(paths: list[Path], options: Options | None = None) -> Result:
    """Lints the files under the paths.

    Raises UsageError for a rule that does not exist, RuleError or FactsError for a broken rule or facts file.
    """
    options = options or Options()
    analysis = analyse(paths, options)
    return judge_all(analysis, options)


def check_files(files: dict[str, str]) -> Result:
    """Lints texts by path, as if they were a repository; tochain.yaml among them counts."""
    reports: dict[str, FileReport] = {}
    name = next((name for name in NAMES if name in files), None)
    config = load(SourceFile(name, files[name])) if name else Config()
    texts = Files({}, reports, {path: text for path, text in files.items() if path != name})
    options = Options()
    return judge_all(_analyse(texts, reports, config, options), options)


def sample(files: dict[str, str]) -> Sample:
    """What the texts of a rule's example come to, for the checks of rules."""
    reports: dict[str, FileReport] = {}
    name = next((name for name in NAMES if name in files), None)
    config = load(SourceFile(name, files[name])) if name else Config()
    texts = Files({}, reports, {path: text for path, text in files.items() if path != name})
    analysis = _analyse(texts, reports, config, Options())
    problems = [f"{problem.span}: {problem.message}" for report in reports.values() for problem in report.problems]
    return Sample(analysis.graph, _overrides(analysis), (*problems, *analysis.crashes))


def analyse(paths: list[Path], options: Options) -> Analysis:
    """Reads everything under the paths and joins it into the hop graph."""
    reports: dict[str, FileReport] = {}
    given = [path if path.is_absolute() else options.base / path for path in paths]
    config = _config(given, options, reports)
    options.tick("looking for files")
    found = discover(given, options.base, reports)
    for name in [shown for shown in found if Path(shown).name in NAMES]:
        del found[name]
    extra = _declared_files(config, options, found)
    texts = {name: text for name, text in options.texts.items() if Path(name).name not in NAMES}
    return _analyse(Files({**found, **extra}, reports, texts), reports, config, options)


def _config(given: list[Path], options: Options, reports: dict[str, FileReport]) -> Config:
    path = options.config or find_config(given[0] if given else options.base)
    if path is None:
        return Config()
    shown = shown_path(path, options.base)
    source = Files({shown: path}, reports, {k: text for k, text in options.texts.items() if k == shown}).text(shown)
    if source is None:
        if options.config:
            reports.setdefault(shown, FileReport(shown)).status = "failed"
        return Config(shown)
    return load(source)


def _declared_files(config: Config, options: Options, found: dict[str, Path]) -> dict[str, Path]:
    """Files tochain.yaml points at that lie beside the given paths but inside tochain.yaml's own folder."""
    if not config.path:
        return {}
    base = (options.base / config.path).parent.resolve()
    extra: dict[str, Path] = {}
    for spec in config.components.values():
        for glob, _ in spec.config:
            for path in (
                sorted(base.glob(glob)) if not Path(glob).is_absolute() and ".." not in Path(glob).parts else []
            ):
                shown = shown_path(path, options.base)
                if path.is_file() and shown not in found:
                    extra[shown] = path
    return extra


def _analyse(files: Files, reports: dict[str, FileReport], config: Config, options: Options) -> Analysis:
    registry = _registry(config, options)
    known = list(files)
    options.tick("reading")
    reading = read_all(files, reports, binding.forced(config, known), binding.owners(config, known))
    started = with_started(reading.components, reading.workloads, registry)
    started = with_pins(started, reading.workloads, Context("manifests", (), (), reports, files, {}, files.text))
    started = called_by_product(with_dsn_links(started, reading.workloads))
    bound = binding.bind(config, started, known, registry, readable(reports, reading.trees), tuple(reading.workloads))

    def complain(span: Span, message: str) -> None:
        report = reports.setdefault(span.path, FileReport(span.path))
        problem = Problem(message, span)
        if problem not in report.problems:
            report.add(problem)

    options.tick("resolving timers")
    complete = tuple(registry.complete(component, complain) for component in bound.components)
    complete = with_platform(complete, tuple(reading.workloads), registry, complain)
    complete = with_kernel(complete, tuple(reading.workloads), registry, complain)
    complete, named = binding.merge(bound, complete)
    complete = binding.assume(config, complete)
    named = {
        name: next((c for c in complete if c.key == component.key), component) for name, component in named.items()
    }
    options.tick("joining")
    graph = build(complete, tuple(reading.workloads), _known_paths(config, named), named)
    _report_config(config, reports)
    return Analysis(graph, files, reports, config, registry, reading.crashes, named)


def _registry(config: Config, options: Options) -> Registry:
    extra = {}
    for folder, span in config.product_paths:
        base = (options.base / config.path).parent / folder
        files = sorted(base.glob("*.yaml")) + sorted(base.glob("*/facts.yaml"))
        if not files:
            config.problems.append(Problem(f"products: no facts file in {folder}", span, "failed"))
        for path in files:
            try:
                product = load_file(path)
            except FactsError as error:
                config.problems.append(Problem(str(error), span, "failed"))
                continue
            extra[product.product] = product
    return Registry(extra)


def _known_paths(config: Config, named: Container[str]) -> tuple[DeclaredPath, ...]:
    """The declared paths without those that name what is not there, each of which is a problem."""
    return tuple(path for path in config.paths if all(name in named for name, _ in path.names))


def _report_config(config: Config, reports: dict[str, FileReport]) -> None:
    if not config.path:
        return
    report = reports.setdefault(config.path, FileReport(config.path))
    report.product = "tochain.yaml"
    for problem in dict.fromkeys(config.problems):
        report.add(problem)


def judge_all(analysis: Analysis, options: Options) -> Result:
    """Judges the graph and leaves out what was suppressed."""
    every, rules = _rules(analysis.config, options)
    _report_rule_names(analysis, every)
    options.tick("judging")
    overrides = _overrides(analysis)
    judgement = judge(analysis.graph, rules, overrides)
    kept, suppressed, comments = suppress.apply(
        tried(judgement.findings, analysis.graph, rules, overrides),
        analysis.text,
        analysis.reports,
        spared=_spared(every, rules),
        known={name for rule in every for name in (rule.id, rule.family)},
    )
    if not _wanted(suppress.RULES[0], "setting", analysis.config, options):
        comments = ()
    kept, by_path = _per_path(kept, analysis.config)
    return Result(
        files=tuple(analysis.reports.values()),
        findings=(*kept, *comments),
        undecided=tuple(judgement.undecided),
        suppressed=suppressed + by_path,
        components=len(analysis.graph.components),
        hops=len(analysis.graph.hops),
        crashes=(*analysis.crashes, *judgement.crashes),
    )


def _spared(every: list[Rule], asked: list[Rule]) -> set[str]:
    """The rules that were not asked, and the families none or not all of whose rules were."""
    left = [rule for rule in every if rule not in asked]
    return {name for rule in left for name in (rule.id, rule.family)}


def _overrides(analysis: Analysis) -> Overrides:
    return Overrides(
        severity=analysis.config.severity,
        params={
            rule: {name: text for name, (text, _) in given.items()} for rule, given in analysis.config.params.items()
        },
        behaviour=analysis.registry.behaviour,
        fitted=analysis.registry.fitted,
    )


def _wanted(rule: str, family: str, config: Config, options: Options) -> bool:
    names = {rule, family}
    return (not options.select or bool(names & set(options.select))) and not names & {*options.ignore, *config.ignore}


def _report_rule_names(analysis: Analysis, rules: list[Rule]) -> None:
    """Rules that tochain.yaml names and nobody knows: an ignore with a typing error would hide nothing and say nothing."""
    known = {rule.id for rule in rules} | {rule.family for rule in rules} | set(suppress.RULES)
    for name, span in analysis.config.named_rules:
        if name not in known:
            close = get_close_matches(name, known, n=3, cutoff=0.4)
            message = f"no rule or family {name!r}" + (f"; nearest: {', '.join(close)}" if close else "")
            problem = Problem(message, span, "failed")
            report = analysis.reports.setdefault(span.path, FileReport(span.path))
            if problem not in report.problems:
                report.add(problem)


def _rules(config: Config, options: Options) -> tuple[list[Rule], list[Rule]]:
    """Every rule there is, and those that were asked for."""
    folders = [(options.base / config.path).parent / path for path, _ in config.rule_paths]
    rules = load_rules(folders)
    known = {rule.id for rule in rules} | {rule.family for rule in rules} | set(suppress.RULES)
    for name in (*options.select, *options.ignore):
        if name not in known:
            close = get_close_matches(name, known, n=3, cutoff=0.4)
            raise UsageError(f"no rule or family {name!r}" + (f"; nearest: {', '.join(close)}" if close else ""))
    return rules, [rule for rule in rules if _wanted(rule.id, rule.family, config, options)]


def _per_path(findings: tuple[Finding, ...], config: Config) -> tuple[tuple[Finding, ...], int]:
    def ignored(finding: Finding) -> bool:
        return any(
            {finding.rule, finding.family} & set(rule.ignore)
            and any(fnmatch(label.span.path, rule.glob) for label in finding.labels)
            for rule in config.per_path
        )

    kept = tuple(finding for finding in findings if not ignored(finding))
    return kept, len(findings) - len(kept)
