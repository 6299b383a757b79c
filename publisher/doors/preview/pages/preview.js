// Toggles without a new page, and news of what was saved. All that is shown comes from the server; here it is put in place.
"use strict";
(() => {
  const root = document.body.dataset.root;
  let generation = document.body.dataset.generation;
  let asking = 0;

  function part(page, name) {
    return page.querySelector(`[data-part="${name}"]`);
  }

  function say(words) {
    const line = part(document, "status").firstElementChild;
    line.textContent = words || line.dataset.idle;
  }

  // Frames that show the same stay as they are, with the place that they were scrolled to.
  function place(name, page) {
    const now = part(document, name), next = part(page, name);
    const kept = now.querySelector("[data-keep]"), other = next.querySelector("[data-keep]");
    const same = kept && other && kept.dataset.keep === other.dataset.keep;
    const opened = [...now.querySelectorAll("details")].map(one => one.open);
    if (!same) {
      now.replaceChildren(...next.childNodes);
    } else {
      const before = [], after = [];
      let list = before;
      for (const node of [...next.childNodes]) {
        if (node === other) list = after; else list.push(node);
      }
      for (const node of [...now.childNodes]) if (node !== kept) node.remove();
      kept.before(...before);
      kept.after(...after);
    }
    if (name === "main") {
      [...now.querySelectorAll("details")].forEach((one, number) => {
        if (number < opened.length) one.open = opened[number];
      });
    }
  }

  async function show(address, options = {}) {
    const number = ++asking;
    let answer, text;
    try {
      answer = await fetch(address, options);
      text = await answer.text();
    } catch {
      return; // the page is being left, or the preview has ended: then the news say so
    }
    if (number !== asking) return;
    if (!answer.headers.get("content-type").startsWith("text/html")) {
      say(text);
      return;
    }
    const page = new DOMParser().parseFromString(text, "text/html");
    if (page.body.dataset.page === "waiting" && document.body.dataset.page !== "waiting") return;
    const focus = document.activeElement && document.activeElement.id;
    const samePlace = new URL(answer.url).pathname === location.pathname;
    const scroll = samePlace ? [scrollX, scrollY] : [0, 0];
    const list = part(document, "nav").scrollTop;
    document.title = page.title;
    document.body.dataset.page = page.body.dataset.page;
    generation = page.body.dataset.generation;
    for (const name of ["main", "nav", "status"]) place(name, page);
    part(document, "nav").scrollTop = list;
    scrollTo(...scroll);
    const element = focus && document.getElementById(focus);
    if (element) element.focus({preventScroll: true});
    if (answer.url !== location.href) history.replaceState(null, "", answer.url);
  }

  document.addEventListener("click", event => {
    const link = event.target.closest("a[data-swap]");
    if (!link || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    show(link.href);
  });

  document.addEventListener("submit", event => {
    const form = event.target.closest("form[data-send]");
    if (!form) return;
    event.preventDefault();
    const button = form.querySelector("button");
    button.disabled = true;
    button.textContent = "Sending …";
    show(form.action, {method: "POST", body: new URLSearchParams(new FormData(form))}).finally(() => {
      button.disabled = false;
      button.textContent = "Send this to me";
    });
  });

  let made = null;
  const news = new EventSource(`${root}news`);
  news.onmessage = event => {
    const said = JSON.parse(event.data);
    document.body.classList.toggle("busy", said.doing !== "");
    if (said.doing) {
      const words = said.doing.charAt(0).toUpperCase() + said.doing.slice(1);
      say(`${words} …`);
      if (document.body.dataset.page === "waiting") part(document, "main").querySelector("p").textContent = `${words}.`;
      return;
    }
    say("");
    const shows = document.body.dataset.page;
    const fresh = String(said.generation) !== generation;
    if (fresh || shows === "waiting" || (shows === "overview" && said.made !== made)) show(location.href);
    made = said.made;
  };
  news.onerror = () => {
    say("The preview has ended; start it again in the terminal.");
    document.body.classList.add("busy");
  };
})();
