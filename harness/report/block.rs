//! What is shown of one rule that does not simply conform: the claim, the differences, the way there, the exchange, and how to
//! see it again. Terminal and JUnit show the same block.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use crate::report::text::{Text, Tone, count, duration, shorten, visible};
use crate::run::event::{Counterexample, RuleFinished, RunStarted};
use crate::spec::model::Level;
use crate::verdict::finding::{Finding, Verdict};
use crate::wire::curl;
use crate::wire::exchange::{Body, Exchange, Request, Response};

/// Findings that are shown of a rule.
const FINDINGS: usize = 20;

/// Steps of the way and drawn values that are shown.
const STEPS: usize = 40;

/// Characters of a value, a header or a line of a specification.
const VALUE: usize = 300;

/// Bytes of a curl line; a longer one is of no use in a terminal.
const CURL: usize = 8_192;

/// Headers of an answer that are always shown.
const HEADERS: [&str; 8] = [
    "content-type",
    "link",
    "location",
    "www-authenticate",
    "x-okta-request-id",
    "x-rate-limit-limit",
    "x-rate-limit-remaining",
    "x-rate-limit-reset",
];

/// Everything that is worth showing of a rule.
pub(crate) fn block(rule: &RuleFinished, run: Option<&RunStarted>) -> Text {
    let mut text = Text::default();
    text.line(0, &[title(rule.verdict), (Tone::Plain, " "), (Tone::Strong, &rule.rule)]);
    text.line(2, &[(Tone::Plain, &rule.claim)]);
    text.line(2, &[(Tone::Quiet, &rule.source)]);
    let standing = format!("{}, {}; {}", rule.basis.name(), rule.level.name(), rule.stands);
    text.line(2, &[(Tone::Quiet, &standing)]);
    if !rule.reason.is_empty() {
        text.line(2, &[(Tone::Unsure, &rule.reason)]);
    }
    if let Some(other) = &rule.look_at {
        text.line(2, &[(Tone::Plain, "look at "), (Tone::Strong, other)]);
    }
    if let Some(example) = &rule.example {
        text.append(counterexample(example, run));
    }
    text
}

/// The findings in one line each.
pub(crate) fn findings_in_words(findings: &[Finding]) -> Vec<String> {
    findings.iter().map(finding_in_words).collect()
}

fn title(verdict: Verdict) -> (Tone, &'static str) {
    match verdict {
        Verdict::Conforms => (Tone::Good, "CONFORMS"),
        Verdict::Variance => (Tone::Unsure, "VARIANCE"),
        Verdict::Waived => (Tone::Unsure, "WAIVED"),
        Verdict::Skipped => (Tone::Unsure, "SKIPPED"),
        Verdict::Inconclusive => (Tone::Unsure, "INCONCLUSIVE"),
        Verdict::Deviates => (Tone::Bad, "DEVIATES"),
    }
}

fn counterexample(example: &Counterexample, run: Option<&RunStarted>) -> Text {
    let mut text = Text::default();
    findings(&mut text, &example.findings);
    list(&mut text, "way", example.way.iter().enumerate().map(|(index, step)| format!("{}. {step}", index + 1)));
    match example.exchanges.get(example.at).or(example.exchanges.last()) {
        None => text.line(2, &[(Tone::Unsure, "no request was sent")]),
        Some(exchange) => {
            request(&mut text, &exchange.request);
            answer(&mut text, exchange, &example.findings);
        }
    }
    list(&mut text, "drawn", example.drawn.iter().map(|(place, value)| format!("{place}: {value}")));
    if !example.shrunk.is_empty() {
        labelled(&mut text, "shrunk", &example.shrunk);
    }
    if let Some(exchange) = example.exchanges.get(example.at).or(example.exchanges.last()) {
        curl_line(&mut text, &exchange.request);
    }
    labelled(&mut text, "repeat", &repeat(&example.key, run));
    text
}

fn findings(text: &mut Text, findings: &[Finding]) {
    for (index, finding) in findings.iter().take(FINDINGS).enumerate() {
        let mut parts = Vec::new();
        if !finding.pointer.is_empty() {
            parts.extend([(Tone::Plain, "at "), (Tone::Strong, finding.pointer.as_str()), (Tone::Plain, " ")]);
        }
        let (expected, actual) = (shorten(&finding.expected, VALUE), shorten(&finding.actual, VALUE));
        parts.extend([(Tone::Plain, "expected "), (Tone::Good, &*expected)]);
        parts.extend([(Tone::Plain, ", got "), (Tone::Bad, &*actual), (Tone::Quiet, level(finding))]);
        text.line(2, &parts);
        // Findings of one line of the specification share it.
        let demanded = &finding.demanded_by;
        if findings.get(index + 1).is_none_or(|next| next.demanded_by != *demanded) && !demanded.path.is_empty() {
            let snippet = format!("{demanded} | {}", shorten(&demanded.text, VALUE));
            text.line(6, &[(Tone::Quiet, &snippet)]);
        }
    }
    if let Some(more) = findings.len().checked_sub(FINDINGS).filter(|more| *more > 0) {
        text.line(2, &[(Tone::Quiet, &format!("… and {}", count(more, "more difference", "more differences")))]);
    }
}

fn finding_in_words(finding: &Finding) -> String {
    let (expected, actual) = (shorten(&finding.expected, VALUE), shorten(&finding.actual, VALUE));
    let place = if finding.pointer.is_empty() { String::new() } else { format!("at {} ", finding.pointer) };
    visible(&format!("{place}expected {expected}, got {actual}{}", level(finding))).into_owned()
}

fn level(finding: &Finding) -> &'static str {
    match finding.level {
        Level::Must => "",
        Level::Should => " (should)",
        Level::May => " (may)",
    }
}

fn list(text: &mut Text, label: &str, items: impl Iterator<Item = String>) {
    let items: Vec<String> = items.collect();
    if items.is_empty() {
        return;
    }
    text.line(2, &[(Tone::Strong, label)]);
    for item in items.iter().take(STEPS) {
        text.line(6, &[(Tone::Plain, &shorten(item, VALUE))]);
    }
    if items.len() > STEPS {
        text.line(6, &[(Tone::Quiet, &format!("… and {} more", items.len() - STEPS))]);
    }
}

fn labelled(text: &mut Text, label: &str, value: &str) {
    text.line(2, &[(Tone::Strong, label), (Tone::Plain, " "), (Tone::Plain, value)]);
}

fn request(text: &mut Text, request: &Request) {
    let line = format!("{} {}", request.method, shorten(after_origin(&request.url), 2 * VALUE));
    text.line(2, &[(Tone::Strong, "request "), (Tone::Plain, &line)]);
    headers(text, request.headers.iter().filter(|(name, _)| name != "user-agent"));
    let body = match &request.body {
        Body::Json(json) => pretty(json),
        other => other.to_text(),
    };
    text.body(6, &body);
}

fn answer(text: &mut Text, exchange: &Exchange, findings: &[Finding]) {
    let response = match &exchange.answer {
        Ok(response) => response,
        Err(reason) => {
            text.line(
                2,
                &[(Tone::Strong, "answer "), (Tone::Unsure, "none: "), (Tone::Unsure, &shorten(reason, VALUE))],
            );
            return;
        }
    };
    let status = format!("{} {}", response.status, reason(response.status));
    let after = format!(" after {}", duration(exchange.took));
    text.line(2, &[(Tone::Strong, "answer "), (Tone::Plain, status.trim_end()), (Tone::Quiet, &after)]);
    let wanted: BTreeSet<&str> = HEADERS.into_iter().chain(findings.iter().filter_map(header_of)).collect();
    headers(text, response.headers.iter().filter(|(name, _)| wanted.contains(name.as_str())));
    text.body(6, &readable(response));
}

/// The name of the header that a finding is about.
fn header_of(finding: &Finding) -> Option<&str> {
    finding.pointer.strip_prefix("/header/")?.split('/').next()
}

fn headers<'a>(text: &mut Text, headers: impl Iterator<Item = &'a (String, String)>) {
    for (name, value) in headers {
        text.line(6, &[(Tone::Quiet, name), (Tone::Quiet, ": "), (Tone::Plain, &shorten(value, VALUE))]);
    }
}

fn readable(response: &Response) -> String {
    response.json().map_or_else(|| response.body.clone(), |json| pretty(&json))
}

fn pretty(json: &Json) -> String {
    serde_json::to_string_pretty(json).unwrap_or_else(|_| json.to_string())
}

/// Path, query and fragment of an address.
fn after_origin(url: &str) -> &str {
    url.find("://")
        .and_then(|scheme| url[scheme + 3..].find(['/', '?']).map(|path| &url[scheme + 3 + path..]))
        .unwrap_or(url)
}

fn curl_line(text: &mut Text, request: &Request) {
    let line = curl::line(request);
    if line.len() > CURL {
        labelled(text, "curl", "too long to be shown; the event log has the whole request");
    } else {
        labelled(text, "curl", &line);
    }
}

fn repeat(key: &str, run: Option<&RunStarted>) -> String {
    let mut line = format!("oktaspec replay {}", curl::quote(key));
    for word in run.iter().flat_map(|run| &run.again) {
        line.push(' ');
        line.push_str(&curl::quote(word));
    }
    line
}

/// The words that go with a status.
fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        201 => "Created",
        202 => "Accepted",
        204 => "No Content",
        301 => "Moved Permanently",
        302 => "Found",
        303 => "See Other",
        304 => "Not Modified",
        307 => "Temporary Redirect",
        308 => "Permanent Redirect",
        400 => "Bad Request",
        401 => "Unauthorized",
        402 => "Payment Required",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        406 => "Not Acceptable",
        408 => "Request Timeout",
        409 => "Conflict",
        410 => "Gone",
        411 => "Length Required",
        412 => "Precondition Failed",
        413 => "Content Too Large",
        414 => "URI Too Long",
        415 => "Unsupported Media Type",
        422 => "Unprocessable Content",
        423 => "Locked",
        428 => "Precondition Required",
        429 => "Too Many Requests",
        431 => "Request Header Fields Too Large",
        500 => "Internal Server Error",
        501 => "Not Implemented",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn a_deviation_tells_all_in_order() {
        let rule = sample::deviating("authn/sign-in.wrong-password");
        let shown = block(&rule, Some(&sample::run())).plain();
        let expected = [
            "DEVIATES authn/sign-in.wrong-password",
            "  A wrong password is refused.",
            "  Authentication API, lines 53-261 <https://docs.example/authn>",
            "  documented, must; specs/authn.yaml:40:3",
            "  at /body/errorCode expected \"E0000004\", got \"E0000007\"",
            "      specs/authn.yaml:41:9 | then: {status: 401, error: E0000004}",
            "  way",
            "      1. user/create-user.active",
            "  request POST /api/v1/authn?x=1",
            "      authorization: SSWS [secret]",
            "      content-type: application/json",
            "      {",
            "        \"username\": \"ada\"",
            "      }",
            "  answer 401 Unauthorized after 12 ms",
            "      content-type: application/json",
            "      {",
            "        \"errorCode\": \"E0000007\"",
            "      }",
            "  drawn",
            "      /body/password: \"x\"",
            "  shrunk minimal",
        ];
        for (line, expected) in shown.lines().zip(expected) {
            assert_eq!(line, expected);
        }
        let last: Vec<&str> = shown.lines().skip(expected.len()).collect();
        assert!(last[0].starts_with("  curl curl "), "{shown}");
        assert_eq!(
            last[1],
            "  repeat oktaspec replay seed:authn/sign-in.wrong-password:0 --target https://org.example"
        );
        assert_eq!(last.len(), 2);
    }

    #[test]
    fn what_a_replay_has_to_be_told_again_is_quoted() {
        let again = ["--specs", "our rules", "--state", "org.engine=classic"].map(String::from).to_vec();
        let run = RunStarted { embedded: true, again, ..sample::run() };
        let shown = block(&sample::deviating("a/b.c"), Some(&run)).plain();
        assert!(shown.ends_with(" --specs 'our rules' --state 'org.engine=classic'\n"), "{shown}");
    }

    #[test]
    fn a_hostile_answer_cannot_speak_to_the_terminal() {
        let mut rule = sample::deviating("a/b.c");
        rule.claim = "two\nlines".into();
        let example = rule.example.as_mut().unwrap();
        example.findings[0].actual = "\u{1b}]0;owned\u{7}".into();
        sample::answer(example).headers.push(("location".into(), "https://x/\u{1b}[2J".into()));
        sample::answer(example).body = "not json \u{1b}[31m\r\nDEVIATES other/rule \u{202e}".into();
        let shown = block(&rule, None).plain();
        assert!(!shown.contains(|c: char| c.is_control() && c != '\n'), "{shown}");
        assert!(shown.contains("\\u{1b}]0;owned\\u{7}"));
        assert!(shown.contains("      DEVIATES other/rule \\u{202e}\n"), "{shown}");
        assert!(!shown.contains("\nDEVIATES other"));
    }

    #[test]
    fn huge_parts_are_bounded() {
        let mut rule = sample::deviating("a/b.c");
        let example = rule.example.as_mut().unwrap();
        example.findings = vec![example.findings[0].clone(); 1000];
        example.way = vec!["step".repeat(1000); 1000];
        example.exchanges[0].request.body = Body::Text("y".repeat(3_000_000));
        sample::answer(example).body = format!("[{}0]", "0,".repeat(1_000_000));
        let shown = block(&rule, None).plain();
        assert!(shown.len() < 60_000, "{}", shown.len());
        assert!(shown.contains("… and 980 more differences"));
        assert!(shown.contains("too long to be shown"));
    }

    #[test]
    fn no_answer_and_no_exchange_are_said() {
        let mut rule = sample::deviating("a/b.c");
        let example = rule.example.as_mut().unwrap();
        example.exchanges[0].answer = Err("nothing came within 30 s".into());
        assert!(block(&rule, None).plain().contains("  answer none: nothing came within 30 s\n"));
        rule.example.as_mut().unwrap().exchanges.clear();
        assert!(block(&rule, None).plain().contains("no request was sent"));
    }

    #[test]
    fn headers_that_a_finding_names_are_shown() {
        let mut rule = sample::deviating("a/b.c");
        let example = rule.example.as_mut().unwrap();
        example.findings[0].pointer = "/header/cache-control".into();
        sample::answer(example).headers.push(("cache-control".into(), "public".into()));
        sample::answer(example).headers.push(("server".into(), "nginx".into()));
        let shown = block(&rule, None).plain();
        assert!(shown.contains("cache-control: public"));
        assert!(!shown.contains("nginx"));
    }
}
