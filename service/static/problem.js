// Showing a problem document (RFC 9457), as templates/macros.html does it.

/** Show a problem in the results; a position in the query is marked, and the cursor goes there. */
export function showProblem({ t, results }, problem, editor) {
  const box = document.createElement("section");
  box.className = "problem";
  box.setAttribute("role", "alert");
  const [sentence, ...excerpt] = problem.detail.split("\n");
  box.append(made("h2", problem.title), made("p", sentence));
  if (excerpt.length) {
    const lines = made("pre", excerpt.join("\n"));
    lines.tabIndex = 0;
    box.append(lines);
  }
  if (problem.line) {
    box.append(made("p", t("problem.position", problem)));
    mark(editor, problem.line - 1, problem.column - 1);
  } else if (problem.place) {
    box.append(labelled(t("problem.place"), made("code", problem.place)));
  }
  if (problem.remedy) box.append(labelled(t("problem.remedy"), problem.remedy));
  results.replaceChildren(box);
}

/** Put the cursor there; `column` counts characters, and the editor counts UTF-16 units. */
function mark(editor, line, column) {
  const ch = [...(editor.getLine(line) ?? "")].slice(0, column).join("").length;
  editor.setCursor({ line, ch });
  editor.scrollIntoView({ line, ch }, 60);
  editor.focus();
}

function labelled(label, content) {
  const line = document.createElement("p");
  line.append(made("strong", `${label}: `), content);
  return line;
}

function made(tag, text) {
  const element = document.createElement(tag);
  element.textContent = text;
  return element;
}
