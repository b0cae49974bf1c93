using McpActors.ConformanceServer;

// Usage: McpActors.ConformanceServer [--era modern|legacy] [--urls http://127.0.0.1:PORT]
var era = Value("--era") switch
{
    "legacy" => Era.Legacy,
    "modern" or null => Era.Modern,
    var other => throw new ArgumentException($"Unknown era '{other}': expected modern or legacy."),
};
await using var server = await FixtureServer.StartAsync(era, Value("--urls") ?? "http://127.0.0.1:0");
Console.WriteLine(server.Url);
await server.WaitForShutdownAsync();

string? Value(string name)
{
    var index = Array.IndexOf(args, name);
    return index >= 0 && index + 1 < args.Length ? args[index + 1] : null;
}
