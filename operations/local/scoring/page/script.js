"use strict";

const MAX_WORDS = 12;
/** Words below this part of the largest contribution aren't marked. */
const LEAST_STRENGTH = 0.15;

const element = (id) => document.getElementById(id);
const form = element("form");
const text = element("text");
let asked = 0;

form.addEventListener("submit", (event) => {
  event.preventDefault();
  show(text.value);
});
text.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    form.requestSubmit();
  }
});
for (const example of document.querySelectorAll(".example")) {
  example.addEventListener("click", () => {
    text.value = example.dataset.text;
    form.requestSubmit();
  });
}

/** Show the prediction of a review, or why there is none. Only the newest request counts. */
async function show(review) {
  const number = ++asked;
  const button = element("predict");
  button.setAttribute("aria-busy", "true");
  let prediction;
  let problem = "";
  try {
    prediction = await predict(review);
  } catch (error) {
    problem = error.message;
  }
  if (number !== asked) return;
  button.removeAttribute("aria-busy");
  element("error").textContent = problem;
  element("status").replaceChildren(...(problem ? [] : summary(prediction)));
  element("details").hidden = Boolean(problem);
  if (!problem) {
    element("marked").replaceChildren(...marked(review, prediction.words));
    element("words").replaceChildren(...rows(prediction.words));
    element("version").textContent = `Model version ${prediction.version}`;
  }
  element(problem ? "error" : "status").scrollIntoView({ block: "nearest" });
}

/** Return the server's prediction. Throw an Error with a message for the user. */
async function predict(review) {
  let response;
  try {
    response = await fetch("invocations", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ instances: [{ text: review }], explain: true }),
    });
  } catch {
    throw new Error("The server doesn't respond. Is sentiment serve still running?");
  }
  const answer = await response.json().catch(() => ({}));
  const [prediction] = answer.predictions ?? [];
  if (prediction?.error) throw new Error(`The review can't be scored: ${prediction.error}`);
  if (!response.ok || !prediction) {
    const reason = answer.error ?? `the server answered with ${response.status}`;
    throw new Error(`No prediction: ${reason}`);
  }
  return { ...prediction, version: answer.model_version };
}

/** Return the label, and the probability as a number and as a bar; a threshold unless it is 0.5. */
function summary({ label, probability, threshold }) {
  const scale = create("div", "scale");
  scale.append(create("span"));
  scale.firstChild.style.setProperty("--part", probability);
  const note = (threshold ?? 0.5) === 0.5 ? "" : ` (threshold ${threshold})`;
  return [
    create("p", "label", label),
    create("p", "", `Probability of the positive class: ${probability.toFixed(3)}${note}`),
    scale,
  ];
}

/** Return the review, with marks around the words that contribute most. */
function marked(review, words) {
  const found = [...review.matchAll(/[a-z0-9]+/gi)];
  const values = contributions(found.map(([word]) => word.toLowerCase()), words);
  const largest = largestOf(values);
  const parts = [];
  let end = 0;
  found.forEach((match, position) => {
    const strength = Math.abs(values[position]) / largest;
    if (!(strength >= LEAST_STRENGTH)) return;
    const mark = create("mark", tone(values[position]), match[0]);
    mark.style.setProperty("--strength", strength);
    parts.push(review.slice(end, match.index), mark);
    end = match.index + match[0].length;
  });
  return [...parts, review.slice(end)];
}

/** Return the contribution of each word; that of several words is divided among them. */
function contributions(review, words) {
  const values = new Array(review.length).fill(0);
  const known = new Map(words.map(({ word, contribution }) => [word, contribution]));
  const longest = largestOf(words.map(({ word }) => word.split(" ").length));
  for (let size = 1; size <= longest; size++) {
    for (let start = 0; start + size <= review.length; start++) {
      const contribution = known.get(review.slice(start, start + size).join(" ")) ?? 0;
      for (let position = start; position < start + size; position++) {
        values[position] += contribution / size;
      }
    }
  }
  return values;
}

/** Return the rows of the table: the words with the largest contributions. */
function rows(words) {
  const largest = largestOf(words.map(({ contribution }) => contribution));
  return words.slice(0, MAX_WORDS).map(({ word, contribution }) => {
    const row = create("tr");
    const name = create("th", "", word);
    name.scope = "row";
    const sign = contribution > 0 ? "+" : "\u2212";
    const bar = create("td", "bar");
    bar.append(create("span", tone(contribution)));
    bar.firstChild.style.setProperty("--part", Math.abs(contribution) / largest);
    row.append(name, create("td", "number", sign + Math.abs(contribution).toFixed(3)), bar);
    return row;
  });
}

/** Return the largest absolute value; there may be more than a call has arguments. */
function largestOf(values) {
  return values.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
}

function tone(contribution) {
  return contribution > 0 ? "raises" : "lowers";
}

function create(tag, className = "", content = "") {
  const created = document.createElement(tag);
  created.className = className;
  created.textContent = content;
  return created;
}
