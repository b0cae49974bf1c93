using McpActors.Core.Discovery.Sources;
using McpActors.Core.Servers;
using static McpActors.Core.Discovery.Sources.SourcesProtocol;

namespace McpActors.Cluster.Tests.Serialization;

/// <summary>Samples of what is stored and sent about sources.</summary>
internal static class SourcesSamples
{
    private static readonly DateTimeOffset At = new(2026, 11, 27, 5, 0, 0, 123, TimeSpan.Zero);
    private static readonly SourceName Source = SourceName.Registry(new Uri("https://registry.example/sub"));
    private static readonly ServerId Id = new("acme-tool");

    private static readonly DiscoveredServer Tool = new(Id, "acme/tool")
    {
        Title = "Tool",
        Version = "1.2.3",
        Definition = """{"command":"npx","args":["-y","tool@1.2.3"]}"""u8.ToArray(),
        ApprovalReason = "it starts a process: npx -y tool@1.2.3",
        Needs = [new SettingNeed(SettingNeed.Environment, "TOKEN", "Your token")],
    };

    private static readonly DiscoveredServer Image = new(new ServerId("acme-image"), "acme/image") { Title = "Image", Unavailable = "its package is a container image" };
    private static readonly Judgement Approval = new(Source, Tool, true, "anna", "looked at it", At);

    private static readonly SourceStatus Status = new(Source, "127.0.0.1:4053")
    {
        Servers = 2,
        LastSuccess = At,
        LastError = "it answers 503",
        LastErrorAt = At.AddSeconds(1),
        NextDue = At.AddHours(1),
        Failures = 1,
    };

    public static IEnumerable<(string Name, object Sample)> All() =>
    [
        ("sources-changed-v1", new SourceChanged(1, Source, [Tool, Image], [new ServerId("old")], At)),
        ("sources-changed-v1.empty", new SourceChanged(1, SourceName.Docker("127.0.0.1:4053"), [], [], At)),
        ("sources-forgotten-v1", new SourceForgotten(3, Source, At)),
        ("sources-judged-v1", new Judged(2, Approval)),
        ("sources-judged-v1.rejected", new Judged(2, Approval with { IsApproved = false, Why = "" })),
        ("sources-state-v1", SourcesState.Initial.Evolve(new SourceChanged(1, Source, [Tool, Image], [], At)).Evolve(new Judged(2, Approval))),
        ("sources-state-v1.initial", SourcesState.Initial),
        ("sources-sync-v1", new Sync(-1)),
        ("sources-report-v1", new Report(Source, [Tool, Image], null)),
        ("sources-report-v1.last", new Report(Source, [], [Id, Image.Id])),
        ("sources-forget-v1", new Forget(Source)),
        ("sources-judge-v1", new Judge { Source = Source, Server = Id, Hash = Tool.Hash, IsApproved = true, Who = "anna", Why = "looked at it" }),
        ("sources-note-v1", new Note(Status)),
        ("sources-note-v1.bare", new Note(new SourceStatus(Source, "127.0.0.1:4053"))),
        ("sources-get-status-v1", new GetStatus()),
        ("sources-stored-v1", new Stored(2)),
        ("sources-missing-v1", new Missing(Id)),
        ("sources-refused-v1", new Refused("the disk is full")),
        ("sources-in-step-v1", new InStep(2)),
        ("sources-page-v1", new SourcesPage(2, [new SourcesItem(Source, null, null), new SourcesItem(Source, Tool, null), new SourcesItem(Source, null, Approval)], true, false)),
        ("sources-statuses-v1", new Statuses([Status])),
    ];
}
