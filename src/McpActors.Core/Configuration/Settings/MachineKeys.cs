using McpActors.Core.Servers.Bulkhead;
using McpActors.Core.Servers.Cache;
using McpActors.Core.Servers.Circuit;
using McpActors.Core.Servers.Deadlines;
using McpActors.Core.Servers.Retry;

namespace McpActors.Core.Configuration.Settings;

/// <summary>The keys of the small machines of a server; their defaults and rules are those of the options of each machine.</summary>
internal static class MachineKeys
{
    private static readonly SettingType<TimeSpan> Time = SettingTypes.Duration();

    private static readonly SettingType<int> Count = SettingTypes.Integer();

    public static SectionType<TimeoutOptions> Timeout { get; } = new SectionType<TimeoutOptions>(TimeoutOptions.Default)
        .Key("connect", Time, static o => o.Connect, static (o, v) => o with { Connect = v }, "To open a connection, or to start a process.")
        .Key("initialize", Time, static o => o.Initialize, static (o, v) => o with { Initialize = v }, "To open a session, or to learn the protocol revision.")
        .Key("list", Time, static o => o.List, static (o, v) => o with { List = v }, "For a list in all; after it the last good copy answers.")
        .Key("call", Time, static o => o.Call, static (o, v) => o with { Call = v }, "For any other call in all, over queue and attempts.")
        .Key("attempt", Time, static o => o.Attempt, static (o, v) => o with { Attempt = v }, "For one attempt; counts only where another attempt is allowed.")
        .Checked(TimeoutOptions.Rules);

    public static SectionType<RetryOptions> Retry { get; } = new SectionType<RetryOptions>(RetryOptions.Default)
        .Key("attempts", Count, static o => o.Attempts, static (o, v) => o with { Attempts = v }, "Attempts in all, the first included; 1 is no retry.")
        .Key("baseDelay", Time, static o => o.BaseDelay, static (o, v) => o with { BaseDelay = v }, "About the delay before the first retry; doubles with each.")
        .Key("maxDelay", Time, static o => o.MaxDelay, static (o, v) => o with { MaxDelay = v }, "Cap of a delay; Retry-After may ask for more.")
        .Key("jitter", SettingTypes.Choice(("none", RetryJitter.None), ("decorrelated", RetryJitter.Decorrelated), ("full", RetryJitter.Full), ("equal", RetryJitter.Equal)),
            static o => o.Jitter, static (o, v) => o with { Jitter = v }, "How delays are spread.")
        .Key("budget", SettingTypes.Ratio, static o => o.Budget, static (o, v) => o with { Budget = v }, "Retries as a share of the calls of the last 10 s; 3 are always allowed.")
        .Checked(RetryOptions.Rules);

    public static SectionType<CircuitOptions> Circuit { get; } = new SectionType<CircuitOptions>(CircuitOptions.Default)
        .Key("failureRate", SettingTypes.Ratio, static o => o.FailureRate, static (o, v) => o with { FailureRate = v }, "Share of failed calls in the window that opens the circuit.")
        .Key("minimumCalls", Count, static o => o.MinimumCalls, static (o, v) => o with { MinimumCalls = v }, "Calls that the window must hold before a rate counts.")
        .Key("window", Time, static o => o.Window, static (o, v) => o with { Window = v }, "Length of the sliding window.")
        .Key("consecutiveFailures", Count, static o => o.ConsecutiveFailures, static (o, v) => o with { ConsecutiveFailures = v }, "Failures in a row that open the circuit, whatever the window holds; 0 is off.")
        .Key("slowCall", Time, static o => o.SlowCall, static (o, v) => o with { SlowCall = v }, "A call that takes at least this long is slow; 0s is off.")
        .Key("slowCallRate", SettingTypes.Ratio, static o => o.SlowCallRate, static (o, v) => o with { SlowCallRate = v }, "Share of slow calls in the window that opens the circuit.")
        .Key("openFor", Time, static o => o.OpenFor, static (o, v) => o with { OpenFor = v }, "How long the circuit stays open the first time; doubles with each failed probe.")
        .Key("maxOpenFor", Time, static o => o.MaxOpenFor, static (o, v) => o with { MaxOpenFor = v }, "Cap of the open time.")
        .Key("halfOpenCalls", Count, static o => o.HalfOpenCalls, static (o, v) => o with { HalfOpenCalls = v }, "Calls let through half-open; all must succeed to close the circuit.")
        .Key("halfOpenMaxWait", Time, static o => o.HalfOpenMaxWait, static (o, v) => o with { HalfOpenMaxWait = v }, "A half-open call without an end for this long counts as failed.")
        .Checked(CircuitOptions.Rules);

    public static SectionType<BulkheadOptions> Concurrency { get; } = new SectionType<BulkheadOptions>(BulkheadOptions.Default)
        .Key("max", Count, static o => o.Max, static (o, v) => o with { Max = v }, "Calls in flight at once.")
        .Key("queue", Count, static o => o.Queue, static (o, v) => o with { Queue = v }, "Calls that may wait.")
        .Key("queueTimeout", Time, static o => o.QueueTimeout, static (o, v) => o with { QueueTimeout = v }, "How long a call may wait.")
        .Later("adaptive", "false", "Finds the limit by the latency.")
        .Checked(BulkheadOptions.Rules);

    public static SectionType<CacheOptions> Cache { get; } = new SectionType<CacheOptions>(CacheOptions.Default)
        .Key("entries", Count, static o => o.Entries, static (o, v) => o with { Entries = v }, "Entries at most; 0 is off.")
        .Key("bytes", SettingTypes.Size(), static o => o.Bytes, static (o, v) => o with { Bytes = v }, "Bytes at most; 0 is off.")
        .Key("staleIfError", Time, static o => o.StaleIfError, static (o, v) => o with { StaleIfError = v }, "How long after its time an entry may stand in for a failing server.")
        .Key("staleWhileRevalidate", Time, static o => o.StaleWhileRevalidate, static (o, v) => o with { StaleWhileRevalidate = v }, "How long after its time an entry is served while it is fetched anew.")
        .Key("persist", SettingTypes.Choice(("none", CachePersistence.None), ("lists", CachePersistence.Lists), ("all", CachePersistence.All)), static o => o.Persist, static (o, v) => o with { Persist = v },
            "What survives a restart: nothing, the lists, or cached results too (in the store, as they are).")
        .Checked(CacheOptions.Rules);
}
