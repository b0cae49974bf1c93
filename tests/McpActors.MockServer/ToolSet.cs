using System.Text.Json.Nodes;

namespace McpActors.MockServer;

/// <summary>What a tool sees of its call.</summary>
/// <param name="Arguments">Its arguments.</param>
/// <param name="Version">Revision the call came in.</param>
/// <param name="Session">Session it came through, if any.</param>
/// <param name="NotifyAsync">Sends a notification to the caller: method and params.</param>
/// <param name="ProgressToken">Token for progress notifications, if the caller asked for them.</param>
/// <param name="Cancellation">Ends when the caller cancels.</param>
public sealed record ToolCall(
    JsonObject Arguments,
    string Version,
    string? Session,
    Func<string, JsonObject, Task> NotifyAsync,
    JsonNode? ProgressToken,
    CancellationToken Cancellation)
{
    /// <summary>A whole number among the arguments.</summary>
    public int Int(string name, int otherwise) => Arguments[name] is JsonValue value && value.TryGetValue<double>(out var number) ? (int)number : otherwise;

    /// <summary>A text among the arguments.</summary>
    public string? Text(string name) => Arguments[name] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;
}

/// <summary>One tool: its definition as listed, without the name, and what it does.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Definition">description, inputSchema, annotations and so on.</param>
/// <param name="RunAsync">Produces the result, <c>content</c> included.</param>
public sealed record MockTool(string Name, JsonObject Definition, Func<ToolCall, Task<JsonObject>> RunAsync)
{
    /// <summary>The entry of <c>tools/list</c>.</summary>
    public JsonObject ToJson()
    {
        var json = new JsonObject { ["name"] = Name };
        foreach (var (key, value) in Definition)
            json[key] = value?.DeepClone();
        return json;
    }
}

/// <summary>The tools a server has now. A change is announced to every client that listens.</summary>
public sealed class ToolSet
{
    private readonly Lock _lock = new();
    private readonly List<MockTool> _tools = [];

    internal ToolSet(IEnumerable<MockTool> tools) => _tools.AddRange(tools);

    /// <summary>Raised after a change.</summary>
    public event EventHandler? Changed;

    /// <summary>The tools in order.</summary>
    public IReadOnlyList<MockTool> All
    {
        get
        {
            lock (_lock)
                return [.. _tools];
        }
    }

    /// <summary>Finds a tool.</summary>
    public MockTool? Find(string name)
    {
        lock (_lock)
            return _tools.Find(tool => tool.Name == name);
    }

    /// <summary>Adds a tool or replaces the one of the same name.</summary>
    public void Set(MockTool tool)
    {
        lock (_lock)
        {
            var index = _tools.FindIndex(other => other.Name == tool.Name);
            if (index < 0)
                _tools.Add(tool);
            else
                _tools[index] = tool;
        }

        Changed?.Invoke(this, EventArgs.Empty);
    }

    /// <summary>Adds a tool that answers with a fixed text.</summary>
    public void Set(string name, string description) => Set(new MockTool(
        name,
        new JsonObject { ["description"] = description, ["inputSchema"] = new JsonObject { ["type"] = "object" } },
        _ => Task.FromResult(ToolResults.Text(name))));

    /// <summary>Removes a tool.</summary>
    public void Remove(string name)
    {
        lock (_lock)
            _tools.RemoveAll(tool => tool.Name == name);
        Changed?.Invoke(this, EventArgs.Empty);
    }
}

/// <summary>Shapes of tool results.</summary>
public static class ToolResults
{
    /// <summary>A result of one text.</summary>
    public static JsonObject Text(string text, bool isError = false)
    {
        var result = new JsonObject { ["content"] = new JsonArray(new JsonObject { ["type"] = "text", ["text"] = text }) };
        if (isError)
            result["isError"] = true;
        return result;
    }

    /// <summary>A result of structured content, with its text form beside it.</summary>
    public static JsonObject Structured(JsonObject content)
    {
        var result = Text(content.ToJsonString());
        result["structuredContent"] = content;
        return result;
    }
}
