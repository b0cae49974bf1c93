using System.Collections.Concurrent;
using McpActors.Benchmarks.Compare;

namespace McpActors.Benchmarks.Isolation;

/// <summary>Calls at a fixed rate, each at its time whether or not those before it are answered: waiting in line counts as latency.</summary>
internal static class SteadyLoad
{
    private static readonly HttpClient Http = new(new SocketsHttpHandler { PooledConnectionLifetime = Timeout.InfiniteTimeSpan }) { Timeout = TimeSpan.FromMinutes(2) };

    /// <summary>Calls the servers in turn. Answers the latency of each call in milliseconds.</summary>
    public static async Task<IReadOnlyCollection<double>> RunAsync(string[] urls, int callsPerSecond, TimeSpan time)
    {
        var latencies = new ConcurrentBag<double>();
        var calls = new List<Task>();
        var started = TimeProvider.System.GetTimestamp();
        for (var n = 0; n < callsPerSecond * time.TotalSeconds; n++)
        {
            var due = TimeSpan.FromSeconds((double)n / callsPerSecond);
            if (due - TimeProvider.System.GetElapsedTime(started) is { Ticks: > 0 } wait)
                await Task.Delay(wait);
            calls.Add(OneAsync(urls[n % urls.Length], started, due, latencies));
        }

        await Task.WhenAll(calls);
        return latencies;
    }

    /// <summary>Callers that call again as soon as they are answered, until disposed.</summary>
    public static IAsyncDisposable Crowd(string[] urls, int callers) => new Callers(urls, callers);

    private static async Task OneAsync(string url, long started, TimeSpan due, ConcurrentBag<double> latencies)
    {
        var text = await McpRequest.Modern().ProbeAsync(Http, url, CancellationToken.None);
        if (!text.Contains("hello", StringComparison.Ordinal))
            throw new InvalidOperationException($"{url} failed: {text}");
        latencies.Add((TimeProvider.System.GetElapsedTime(started) - due).TotalMilliseconds);
    }

    private sealed class Callers : IAsyncDisposable
    {
        private readonly CancellationTokenSource _end = new();
        private readonly Task _all;

        public Callers(string[] urls, int count) => _all = Task.WhenAll(urls.SelectMany(url => Enumerable.Range(0, count).Select(_ => CallAsync(url))));

        public async ValueTask DisposeAsync()
        {
            await _end.CancelAsync();
            await _all;
            _end.Dispose();
        }

        private async Task CallAsync(string url)
        {
            while (!_end.IsCancellationRequested)
            {
                try
                {
                    await McpRequest.Modern().ProbeAsync(Http, url, _end.Token);
                    // An open circuit refuses at once; a client that hammers would measure itself.
                    await Task.Delay(TimeSpan.FromMilliseconds(100), _end.Token);
                }
                catch (OperationCanceledException)
                {
                    return;
                }
            }
        }
    }
}
