using FsCheck.Xunit;
using McpActors.Core.Servers.Calls;

namespace McpActors.Core.Tests.Servers.Calls;

public sealed class RollingWindowTests
{
    private static readonly int[] Steps = [0, 1, 99, 100, 101, 450, 900, 999, 1000, 5000];

    [Property(MaxTest = 500, EndSize = 300)]
    public void Totals_equal_a_list_of_parts(byte[] script)
    {
        var window = new RollingWindow(TimeSpan.FromTicks(1000), columns: 2);
        var parts = new List<(long Start, int[] Counts)>();
        long now = 0;
        foreach (var step in script)
        {
            now += Steps[step % Steps.Length];
            var column = step / 128;
            window.Add(column, now);
            if (parts.Count == 0 || now - parts[^1].Start >= 100)
            {
                parts.Add((now, new int[2]));
            }

            parts[^1].Counts[column]++;
            parts.RemoveAll(part => now - part.Start >= 1000);
            window.Total(0).ShouldBe(parts.Sum(part => part.Counts[0]));
            window.Total(1).ShouldBe(parts.Sum(part => part.Counts[1]));
        }

        window.Expire(now + 1000);
        window.Total(0).ShouldBe(0);
    }

    [Fact]
    public void Clock_set_back_far_forgets_what_would_never_leave()
    {
        var window = new RollingWindow(TimeSpan.FromTicks(1000), columns: 1);
        window.Add(0, 1_000_000);
        window.Add(0, 999_500);
        window.Total(0).ShouldBe(2);
        window.Add(0, 5);
        window.Total(0).ShouldBe(1);
        window.Expire(1005);
        window.Total(0).ShouldBe(0);
    }
}
