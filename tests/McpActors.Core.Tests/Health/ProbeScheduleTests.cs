using FsCheck.Xunit;
using McpActors.Core.Health;
using McpActors.Core.Servers;

namespace McpActors.Core.Tests.Health;

public sealed class ProbeScheduleTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 27, 6, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);
    private static readonly ServerId Search = new("search");

    private readonly ProbeSchedule _schedule = new(ProbeLimits.Default);
    private DateTimeOffset _now = Start;

    [Fact]
    public void A_server_is_probed_once_in_its_interval()
    {
        _schedule.Follow(Search, Interval, 0.5, _now);

        DueAfter(Interval).ShouldBeTrue();
        DueAfter(Interval).ShouldBeFalse("one is under way");
        _schedule.Ended(Search, ProbeResult.Answered, 0.5, _now);
        DueAfter(Interval - TimeSpan.FromSeconds(1)).ShouldBeFalse();
        DueAfter(TimeSpan.FromSeconds(1)).ShouldBeTrue();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.5)]
    [InlineData(0.999)]
    public void A_new_server_is_looked_at_in_the_second_half_of_its_interval(double random)
    {
        _schedule.Follow(Search, Interval, random, _now);

        DueAfter((Interval / 2) - TimeSpan.FromMilliseconds(1)).ShouldBeFalse("nodes that start with this one are still to come");
        DueAfter((Interval / 2) + TimeSpan.FromMilliseconds(1)).ShouldBeTrue();
    }

    [Fact]
    public void Traffic_takes_the_place_of_a_probe()
    {
        _schedule.Follow(Search, Interval, 1, _now);
        for (var i = 0; i < 10; i++)
        {
            _now += Interval / 2;
            _schedule.Traffic(Search, _now);
            _schedule.TakeDue(_now).ShouldBeEmpty();
        }

        DueAfter(Interval).ShouldBeTrue();
    }

    [Fact]
    public void What_sleeps_is_not_probed_until_something_of_it_runs()
    {
        _schedule.Follow(Search, Interval, 0, _now);
        _schedule.Asleep(Search);

        DueAfter(TimeSpan.FromHours(1)).ShouldBeFalse();
        _schedule.Awake(Search, 0, _now);
        DueAfter(Interval).ShouldBeTrue();
    }

    [Fact]
    public void What_falls_asleep_while_it_is_probed_stays_asleep()
    {
        _schedule.Follow(Search, Interval, 0, _now);
        DueAfter(Interval).ShouldBeTrue();
        _schedule.Asleep(Search);
        _schedule.Ended(Search, ProbeResult.Skipped, 0, _now);

        DueAfter(TimeSpan.FromHours(1)).ShouldBeFalse();
    }

    [Fact]
    public void A_suspect_is_probed_sooner_and_one_that_is_known_to_fail_less_and_less_often()
    {
        _schedule.Follow(Search, Interval, 0, _now);
        var waits = new List<double>();
        var last = _now;
        for (var i = 0; i < 9; i++)
        {
            while (!DueAfter(TimeSpan.FromSeconds(1)))
            {
            }

            waits.Add((_now - last).TotalSeconds);
            last = _now;
            _schedule.Ended(Search, ProbeResult.Failed, 0.5, _now);
        }

        waits.Skip(1).ShouldBe([10, 10, 30, 60, 120, 120, 120, 120], "a third of the interval, then doubling to two minutes");
    }

    [Fact]
    public void A_probe_without_an_answer_is_lost_and_made_again()
    {
        _schedule.Follow(Search, Interval, 0, _now);
        DueAfter(Interval).ShouldBeTrue();

        DueAfter(ProbeLimits.Default.Patience).ShouldBeFalse();
        _schedule.InFlight.ShouldBe(0);
        DueAfter(Interval).ShouldBeTrue();
    }

    [Fact]
    public void New_servers_are_looked_at_so_many_in_a_second()
    {
        for (var i = 0; i < 2_000; i++)
        {
            _schedule.Follow(new ServerId($"s{i}"), Interval, i % 100 / 100.0, _now);
        }

        var most = 0;
        for (var second = 0; second < 200; second++)
        {
            _now += TimeSpan.FromSeconds(1);
            var looks = 0;
            IReadOnlyList<ServerId> due;
            while ((due = _schedule.TakeDue(_now)).Count > 0)
            {
                looks += due.Count;
                foreach (var server in due)
                {
                    _schedule.Asleep(server);
                    _schedule.Ended(server, ProbeResult.Skipped, 0.5, _now);
                }
            }

            most = Math.Max(most, looks);
        }

        most.ShouldBeLessThanOrEqualTo(ProbeLimits.Default.FirstLooksPerSecond + 1);
    }

    [Property(MaxTest = 300, EndSize = 400)]
    public void Never_too_many_at_once_never_two_of_one_server_never_within_the_interval_of_traffic(byte[] script)
    {
        var limits = ProbeLimits.Default with { AtOnce = 3 };
        var schedule = new ProbeSchedule(limits);
        var servers = Enumerable.Range(0, 8).Select(i => new ServerId($"s{i}")).ToArray();
        var underWay = new Dictionary<ServerId, DateTimeOffset>();
        var traffic = new Dictionary<ServerId, DateTimeOffset>();
        var asleep = new HashSet<ServerId>();
        var followed = new HashSet<ServerId>();
        foreach (var step in script)
        {
            var server = servers[step / 12 % servers.Length];
            switch (step % 12)
            {
                case 0:
                    schedule.Follow(server, Interval, step / 256.0, _now);
                    if (followed.Add(server))
                    {
                        asleep.Remove(server);
                        traffic.Remove(server);
                    }

                    break;
                case 1:
                    schedule.Drop(server);
                    followed.Remove(server);
                    underWay.Remove(server);
                    break;
                case 2:
                    schedule.Traffic(server, _now);
                    traffic[server] = _now;
                    asleep.Remove(server);
                    break;
                case 3:
                    schedule.Asleep(server);
                    if (followed.Contains(server))
                    {
                        asleep.Add(server);
                    }

                    break;
                case 4:
                    schedule.Awake(server, step / 256.0, _now);
                    asleep.Remove(server);
                    break;
                case 5 or 6:
                    schedule.Ended(server, (ProbeResult)(step % 3), step / 256.0, _now);
                    underWay.Remove(server);
                    break;
                default:
                    _now += TimeSpan.FromSeconds(step / 12);
                    foreach (var lost in underWay.Where(probe => _now - probe.Value >= limits.Patience).Select(probe => probe.Key).ToArray())
                    {
                        underWay.Remove(lost);
                    }

                    foreach (var due in schedule.TakeDue(_now))
                    {
                        followed.ShouldContain(due);
                        asleep.ShouldNotContain(due);
                        underWay.TryAdd(due, _now).ShouldBeTrue();
                        (traffic.TryGetValue(due, out var last) && _now - last < Interval).ShouldBeFalse();
                    }

                    break;
            }

            schedule.InFlight.ShouldBeInRange(0, limits.AtOnce);
            underWay.Count.ShouldBe(schedule.InFlight);
        }
    }

    private bool DueAfter(TimeSpan time)
    {
        _now += time;
        return _schedule.TakeDue(_now).Contains(Search);
    }
}
