// Compares the findings in an event log with a list: `node findings.mjs LOG EXPECTED [-v]`.
//
// A line of the list is `VERDICT RULE`; `VERDICT? RULE` may be found or not; `#` begins a comment. Findings are the rules that
// deviate or conform with a variance only. Ends with 1 where the two differ.
import { readFileSync } from "node:fs";

const FINDINGS = ["deviates", "variance"];
const [logFile, expectedFile, flag] = process.argv.slice(2);
const lines = (file) => readFileSync(file, "utf8").split("\n").map((line) => line.trim()).filter(Boolean);

const rules = lines(logFile).map((line) => JSON.parse(line)).filter((event) => event.event === "rule-finished");
const found = new Map(
    rules.filter((rule) => FINDINGS.includes(rule.verdict)).map((rule) => [`${rule.verdict} ${rule.rule}`, rule]),
);

const required = new Set();
const possible = new Set();
for (const line of lines(expectedFile).map((line) => line.replace(/\s*#.*/, "")).filter(Boolean)) {
    const [, verdict, optional, rule] = /^([a-z]+)(\??) (\S+)$/.exec(line) ?? [];
    if (!FINDINGS.includes(verdict)) throw new Error(`${expectedFile}: cannot read "${line}"`);
    possible.add(`${verdict} ${rule}`);
    if (!optional) required.add(`${verdict} ${rule}`);
}

const first = (rule) => rule.example?.findings[0];
const shown = (name) => {
    const finding = first(found.get(name));
    return finding ? `${name}\n    ${finding.pointer}: expected ${finding.expected}, was ${finding.actual}` : name;
};
const unexpected = [...found.keys()].filter((name) => !possible.has(name));
const missing = [...required].filter((name) => !found.has(name));
for (const name of unexpected) console.error(`unexpected: ${shown(name)}`);
for (const name of missing) {
    const rule = rules.find((rule) => rule.rule === name.split(" ")[1]);
    console.error(`missing: ${name} (${rule ? `${rule.verdict} ${rule.reason ?? ""}`.trim() : "no such rule"})`);
}
if (flag === "-v") for (const name of found.keys()) console.log(shown(name));

const counted = (verdict) => rules.filter((rule) => rule.verdict === verdict).length;
const words = { deviates: "deviate", variance: "conform with a variance", conforms: "conform", inconclusive: "are inconclusive", skipped: "are skipped" };
const counts = Object.entries(words).map(([verdict, word]) => `${counted(verdict)} ${word}`);
console.log(`${found.size} findings, ${unexpected.length} unexpected, ${missing.length} missing; of ${rules.length} rules ${counts.join(", ")}`);
process.exitCode = unexpected.length || missing.length ? 1 : 0;
