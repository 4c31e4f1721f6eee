// The reference page: Swagger UI, folded up so that a stranger finds the way.

const { document: address } = document.currentScript.dataset;

/** Lists take many filters in several forms (`due_date[lte]`): the other forms are shown when asked for. */
const Folding = () => ({
  wrapComponents: {
    parameters: (Original, { React }) => (props) => {
      const [open, setOpen] = React.useState(false);
      const names = [...props.parameters].map((parameter) => parameter.get("name"));
      const folded = names.filter((name) => name?.endsWith("]")).length;
      const about = open ? "Fewer filters" : `${folded} more filters: ranges, exceptions, parts of texts`;
      const toggle = () => setOpen(!open);
      const button = React.createElement("button", { className: "btn unfold", onClick: toggle }, about);
      const parts = [React.createElement(Original, { ...props, key: "all" })];
      if (folded) parts.push(React.createElement(React.Fragment, { key: "more" }, button));
      return React.createElement("div", { className: open ? "" : "folded" }, parts);
    },
  },
});

/**
 * What a part of the document says, with everything it refers to. Swagger UI would first do this for the whole document,
 * which takes seconds; what contains itself stays a reference at the second time.
 */
const resolved = (document, part, within = []) => {
  if (typeof part !== "object" || part === null) return part;
  if (Array.isArray(part)) return part.map((one) => resolved(document, one, within));
  const { $ref: place } = part;
  if (typeof place !== "string") {
    return merged(Object.fromEntries(Object.entries(part).map(([name, one]) => [name, resolved(document, one, within)])));
  }
  if (within.includes(place)) return {};
  const found = place.slice(2).split("/").reduce((whole, name) => whole?.[name], document);
  return resolved(document, found, [...within, place]);
};

/** A schema of several parts, as one. */
const merged = ({ allOf, ...rest }) => {
  if (!Array.isArray(allOf)) return rest;
  const join = (whole, one) => ({
    ...whole,
    ...one,
    properties: { ...whole.properties, ...one.properties },
    required: [...(whole.required ?? []), ...(one.required ?? [])],
  });
  return [...allOf, rest].reduce(join, {});
};

const Resolving = () => ({
  fn: {
    resolveSubtree: async (document, path) => {
      const part = path.reduce((whole, name) => whole?.[name], document);
      return { spec: resolved(document, part), errors: [] };
    },
  },
});

const show = (spec) =>
  SwaggerUIBundle({
    spec,
    dom_id: "#swagger-ui",
    plugins: [Folding, Resolving],
    deepLinking: true,
    docExpansion: "none",
    defaultModelsExpandDepth: -1,
    tryItOutEnabled: true,
    persistAuthorization: true,
    filter: true,
  });

// Swagger UI would read an address as YAML, which takes many times as long.
fetch(address)
  .then((answer) => answer.json())
  .then(show);

addEventListener("keydown", (event) => {
  if (event.key !== "k" || !(event.metaKey || event.ctrlKey)) return;
  event.preventDefault();
  document.querySelector(".operation-filter-input")?.focus();
});
