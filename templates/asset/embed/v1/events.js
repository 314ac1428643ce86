// Owns the reading of a stream of events. Knows nothing of what they tell.

/** Calls `tell` with the data of each event of that name, `alive` with every sign of life, until the stream ends. */
export async function readEvents(body, name, tell, alive) {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = "", event = "", data = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    alive();
    const lines = (rest + decoder.decode(value, { stream: true })).split("\n");
    rest = lines.pop();
    for (const line of lines) {
      const [, field, text] = line.match(/^(\w*): ?(.*?)\r?$/) ?? [];
      if (field === "event") event = text;
      if (field === "data") data += text;
      if (field !== undefined || line.trim()) continue;
      if (event === name) tell(data);
      event = data = "";
    }
  }
}
