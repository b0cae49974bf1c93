using FsCheck.Xunit;
using McpActors.Core.Servers.Calls;
using McpActors.Core.Servers.Lease;

namespace McpActors.Core.Tests.Servers.Lease;

/// <summary>The small parts, and an owner with three holders under a random script.</summary>
public sealed class LeaseMachineProperties
{
    [Property(MaxTest = 1000)]
    public void Shares_add_up_and_nobody_who_wants_more_has_less_than_another(byte total, byte[] wanted)
    {
        if (wanted.Length == 0)
        {
            return;
        }

        var wants = wanted.Select(w => (int)w).ToArray();
        var shares = new int[wants.Length];
        FairShare.Split(total, wants, shares);
        shares.Sum().ShouldBe(total);
        for (var i = 0; i < wants.Length; i++)
        {
            if (shares[i] < wants[i])
            {
                shares.Max().ShouldBeLessThanOrEqualTo(shares[i] + 1);
            }
        }
    }

    [Property(MaxTest = 1000, EndSize = 200)]
    public void Counts_survive_loss_repetition_and_a_full_log(byte[] script)
    {
        var log = new OutcomeLog();
        log.Restart(1);
        var (added, counted, last) = (0, 0, 0L);
        foreach (var step in script.Append((byte)3).Append((byte)7))
        {
            if (step % 4 < 3)
            {
                log.Add(new OutcomeRun(step % 5, (CircuitVerdict)(step % 3), step % 2 == 0, false, false, 1));
                added++;
                continue;
            }

            // Every other report is lost; the confirmation of every third is.
            var batches = log.Send();
            if (step % 8 == 7)
            {
                foreach (var batch in batches.Where(batch => batch.Number == last + 1))
                {
                    last++;
                    counted += batch.Runs.Sum(run => run.Count);
                }

                if (step % 3 != 0)
                {
                    log.Confirm(last);
                }
            }
        }

        Drain(log, ref last, ref counted);
        counted.ShouldBe(added);
        log.IsEmpty.ShouldBeTrue();
    }

    [Property(MaxTest = 500, EndSize = 300)]
    public void Permits_stay_within_the_bound_and_all_come_back(byte[] script)
    {
        var world = new LeaseScript();
        foreach (var step in script)
        {
            world.Step(step);
            world.Check();
        }

        world.Settle();
    }

    private static void Drain(OutcomeLog log, ref long last, ref int counted)
    {
        while (!log.IsEmpty)
        {
            foreach (var batch in log.Send())
            {
                if (batch.Number == last + 1)
                {
                    last++;
                    counted += batch.Runs.Sum(run => run.Count);
                }
            }

            log.Confirm(last);
        }
    }
}
