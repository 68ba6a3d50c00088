// The token stands behind the `#`: it was sent to no server, and leaves the address bar at once.
const token = location.hash.slice(1);
history.replaceState(null, "", location.pathname);

const form = document.getElementById("step");
const said = document.getElementById("said");

function show(text) {
  said.textContent = text;
}

async function send() {
  const password = form.elements.namedItem("password");
  const body = password ? { token, password: password.value } : { token };
  const answer = await fetch(form.dataset.call, {
    method: "POST",
    credentials: "same-origin",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  if (answer.ok) {
    form.hidden = true;
    show(form.dataset.done);
  } else if (answer.status === 401) {
    form.hidden = true;
    show("You are not signed in here. Where you are, this token finishes it:");
    const shown = document.getElementById("token");
    shown.textContent = token;
    shown.hidden = false;
  } else {
    const problem = await answer.json();
    show(problem.details.length ? problem.details[0].message : problem.message);
  }
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  show("");
  send().catch(() => show("Daler does not answer right now. Try again in a moment."));
});

if (token) {
  form.hidden = false;
} else {
  show("There is no token in this address: open the link in the mail once more.");
}
