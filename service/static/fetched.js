// Files of this service that are fetched only when they are needed.

const begun = new Map();

/** Return a promise that is kept when the script or the style sheet of an address is in place. */
export function fetched(address) {
  if (!begun.has(address)) {
    begun.set(address, new Promise((resolve, reject) => {
      const style = address.includes(".css");
      const element = document.createElement(style ? "link" : "script");
      if (style) element.rel = "stylesheet";
      element[style ? "href" : "src"] = address;
      element.addEventListener("load", () => resolve());
      element.addEventListener("error", () => reject(new Error(`${address} cannot be fetched`)));
      document.head.append(element);
    }));
  }
  return begun.get(address);
}
