using FsCheck.Xunit;
using McpActors.Core.Discovery.Containers;
using McpActors.Core.Discovery.Sources;
using McpActors.Core.Servers;

namespace McpActors.Core.Tests.Discovery.Containers;

public sealed class ContainerServersTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 27, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_restart_takes_nothing_away_and_a_new_address_counts_at_once()
    {
        var servers = ContainerServers.None.Listed([Server("a", 1)], Start);
        servers.NextLeave.ShouldBeNull();

        servers = servers.Listed([], Start.AddSeconds(1));
        servers.Servers.ShouldHaveSingleItem().Name.ShouldBe("1");
        servers.NextLeave.ShouldBe(Start.AddSeconds(1) + ContainerServers.Grace);

        servers = servers.Listed([Server("a", 2)], Start.AddSeconds(5));
        servers.Servers.ShouldHaveSingleItem().Name.ShouldBe("2");
        servers.NextLeave.ShouldBeNull();
    }

    [Fact]
    public void What_is_not_listed_goes_after_the_grace_counted_from_the_first_listing_without_it()
    {
        var servers = ContainerServers.None.Listed([Server("a", 1)], Start).Listed([], Start.AddSeconds(10)).Listed([], Start.AddSeconds(20));

        servers.Servers.Count.ShouldBe(1);
        servers.Listed([], Start.AddSeconds(10) + ContainerServers.Grace - TimeSpan.FromTicks(1)).Servers.Count.ShouldBe(1);
        servers.Listed([], Start.AddSeconds(10) + ContainerServers.Grace).Servers.ShouldBeEmpty();
    }

    [Fact]
    public void An_engine_that_was_silent_for_an_hour_takes_nothing_away_at_its_first_word() =>
        ContainerServers.None.Listed([Server("a", 1)], Start).Listed([], Start.AddHours(1)).Servers.Count.ShouldBe(1);

    /// <summary>Any listings in time: what is listed counts as it is listed; what is not counts exactly while it was listed less than a grace before the first listing without it.</summary>
    [Property(MaxTest = 300)]
    public void Nothing_listed_is_left_out_and_nothing_stays_longer_than_the_grace(byte[] script)
    {
        var (servers, now, gone) = (ContainerServers.None, Start, new Dictionary<string, DateTimeOffset?>());
        foreach (var step in script ?? [])
        {
            now = now.AddSeconds(step >> 4);
            string[] listed = [.. new[] { "a", "b", "c" }.Where((_, i) => (step & (1 << i)) != 0)];
            foreach (var id in gone.Keys.Except(listed).ToList())
            {
                gone[id] ??= now;
                if (now - gone[id] >= ContainerServers.Grace)
                    gone.Remove(id);
            }

            foreach (var id in listed)
                gone[id] = null;
            servers = servers.Listed([.. listed.Select(id => Server(id, step))], now);

            servers.Servers.Select(server => server.Id.Value).ShouldBe(gone.Keys.Order());
            servers.Servers.Where(server => listed.Contains(server.Id.Value)).ShouldAllBe(server => server.Name == $"{step}");
            servers.NextLeave.ShouldBe(gone.Values.Min() + ContainerServers.Grace);
        }
    }

    private static DiscoveredServer Server(string id, int said) => new(new ServerId(id), $"{said}") { Definition = new byte[] { 1 } };
}
