using McpActors.EndToEnd.Tests.Chaos.Long;

// The long form of the chaos tests; the tests themselves are run by dotnet test.
if (args is not ["chaos", .. var rest] || LongOptions.Parse(rest) is not { } options)
{
    Console.Error.WriteLine(LongOptions.Usage);
    return 2;
}

return await new LongRun(options, Console.Out).RunAsync() ? 0 : 1;
