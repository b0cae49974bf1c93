// Drives one MCP endpoint with a connected client of either TypeScript SDK and prints what it saw as one JSON object.
// A call that fails is reported in its place, so that a test compares it like any other answer.
export async function drive(client, protocol, calls, callTool) {
  const { tools } = await client.listTools();
  const progress = [];
  const results = [];
  for (const call of calls) {
    try {
      results.push(await callTool(call, { onprogress: (value) => progress.push(value.progress) }));
    } catch (error) {
      results.push({ error: { code: error.code ?? null, message: String(error.message) } });
    }
  }

  const has = client.getServerCapabilities() ?? {};
  const resources = has.resources ? (await client.listResources()).resources : [];
  const prompts = has.prompts ? (await client.listPrompts()).prompts : [];
  console.log(JSON.stringify({
    protocol: protocol(),
    tools: tools.map((tool) => tool.name),
    resources: resources.map((resource) => resource.uri),
    prompts: prompts.map((prompt) => prompt.name),
    progress,
    results,
  }));
  await client.close();
}
