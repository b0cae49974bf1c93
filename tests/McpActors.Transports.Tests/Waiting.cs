namespace McpActors.Transports.Tests;

/// <summary>Waiting for what announces nothing, such as the process table of the system.</summary>
internal static class Waiting
{
    public static async Task UntilAsync(Func<bool> condition)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        using var patience = new CancellationTokenSource(Limits.Patience);
        while (!condition())
        {
            (await timer.WaitForNextTickAsync(patience.Token)).ShouldBeTrue();
        }
    }
}
