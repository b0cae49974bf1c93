using McpActors.Core.Servers.Circuit;
using McpActors.Core.Servers.Lease;

namespace McpActors.Core.Tests.Servers.Lease;

/// <summary>Leases by example.</summary>
public sealed class LeaseTests
{
    [Fact]
    public void Without_a_lease_the_owner_is_asked_and_a_report_falls_due()
    {
        var pair = new LeasePair();
        pair.Call(0).ShouldBe(new LeaseAdmission(LeaseVerdict.AskOwner, LeaseReason.NoLease));
        pair.Holders[0].NextReport.ShouldBe(pair.Now);
        pair.Holders[1].NextReport.ShouldBeNull("nobody called there");
    }

    [Fact]
    public void One_round_brings_permits_to_all_and_leaves_one_to_the_owner()
    {
        var pair = new LeasePair().Round(0, 1);
        (pair.PermitsOf(0) + pair.PermitsOf(1) + pair.Owner.OwnLimit).ShouldBe(20);
        pair.Owner.OwnLimit.ShouldBeGreaterThanOrEqualTo(1);
        pair.Call(0).IsAdmitted.ShouldBeTrue();
        pair.Holders[0].Facts.Fingerprint.ShouldBe("same");
    }

    [Fact]
    public void Permits_follow_the_calls_and_move_only_when_their_reduction_is_confirmed()
    {
        var pair = new LeasePair().Round(0, 1, 0);
        var before = pair.PermitsOf(1);
        while (pair.Call(1).IsAdmitted)
        {
        }

        pair.Receive(pair.Report(1));
        pair.DeliverAll();
        pair.PermitsOf(1).ShouldBeLessThanOrEqualTo(before + 1, "the other has not confirmed yet");
        pair.Round(0, 1);
        pair.PermitsOf(1).ShouldBeGreaterThan(before);
        (pair.PermitsOf(0) + pair.PermitsOf(1) + pair.Owner.OwnLimit).ShouldBe(20);
    }

    [Fact]
    public void A_silent_owner_is_done_without_for_ttl_and_grace_and_not_longer()
    {
        var pair = new LeasePair().Round(0);
        pair.Advance(1);
        pair.Report(0);
        pair.Advance(20.9);
        pair.Call(0).IsAdmitted.ShouldBeTrue();
        pair.Holders[0].Snapshot(pair.Now).InGrace.ShouldBeTrue();
        pair.Advance(0.1);
        pair.Call(0).Verdict.ShouldBe(LeaseVerdict.AskOwner);
        pair.Advance(1);
        pair.Call(0).Reason.ShouldBe(LeaseReason.OwnerUnreachable);
    }

    [Fact]
    public void A_lease_is_good_from_when_it_was_asked_for()
    {
        var pair = new LeasePair();
        var report = pair.Report(0);
        pair.Advance(15);
        pair.Receive(report);
        pair.Advance(6.9);
        pair.DeliverAll();
        pair.Call(0).IsAdmitted.ShouldBeTrue();
        pair.Advance(0.1);
        pair.Call(0).IsAdmitted.ShouldBeFalse();
    }

    [Fact]
    public void A_dead_holders_permits_come_back_when_it_can_admit_nothing_more()
    {
        var pair = new LeasePair().Round(0, 1);
        pair.Advance(22.9);
        pair.Owner.Tick(pair.Now);
        pair.Owner.Leased.ShouldBeGreaterThan(0);
        pair.Advance(0.1);
        pair.Owner.NextTick.ShouldBe(pair.Now);
        pair.Owner.Tick(pair.Now);
        pair.Owner.Leased.ShouldBe(0);
        pair.Owner.OwnLimit.ShouldBe(20);
    }

    [Fact]
    public void A_lease_that_is_given_back_is_free_at_once_and_what_was_on_its_way_does_not_bring_it_back()
    {
        var pair = new LeasePair().Round(0);
        pair.Receive(pair.Report(0));
        var late = pair.Sent();
        pair.Advance(1);
        pair.Holders[0].Retire();
        var last = pair.Report(0);
        last.Releases.ShouldBeTrue();
        pair.Receive(last);
        pair.Owner.OwnLimit.ShouldBe(20);
        late.ShouldAllBe(grant => !pair.Deliver(grant));
        pair.Call(0).Reason.ShouldBe(LeaseReason.NoLease);
        pair.Round(0);
        pair.Call(0).IsAdmitted.ShouldBeTrue("a later call leases again");
    }

    [Fact]
    public void Failures_stop_their_node_at_once_and_all_others_in_one_round()
    {
        var pair = new LeasePair().Round(0, 1);
        pair.Fail(0, 5);
        pair.Call(0).ShouldBe(new LeaseAdmission(LeaseVerdict.AskOwner, LeaseReason.OpenedHere));
        pair.Holders[0].NextReport.ShouldBe(pair.Now + pair.Options.Spacing, "failures do not wait for the batch");
        var receipt = pair.Receive(pair.Report(0));
        receipt.Transitions.First.ShouldBeOfType<CircuitEvent.Opened>().Cause.ShouldBe(CircuitCause.ConsecutiveFailures);
        pair.DeliverAll();
        pair.Call(0).Reason.ShouldBe(LeaseReason.CircuitOpen);
        var refused = pair.Call(1);
        refused.Reason.ShouldBe(LeaseReason.CircuitOpen);
        refused.RetryAfter.ShouldBe(TimeSpan.FromSeconds(10));
        pair.Advance(10);
        pair.Call(1).ShouldBe(new LeaseAdmission(LeaseVerdict.AskOwner, LeaseReason.Probing), "a probe is the owner's to count");
    }

    [Fact]
    public void What_one_node_sees_alone_is_judged_by_the_owner()
    {
        var pair = new LeasePair().Round(0, 1);
        for (var i = 0; i < 30; i++)
        {
            var admission = pair.Call(1, out var call);
            pair.End(1, call, admission.Ticket);
        }

        pair.Round(1);
        pair.Fail(0, 3);
        pair.Round(0);
        var good = pair.Call(1, out var last);
        pair.End(1, last, good.Ticket);
        pair.Round(1);
        pair.Fail(0, 2);
        pair.Call(0).Reason.ShouldBe(LeaseReason.OpenedHere);
        pair.Round(0);
        pair.Circuit.State.Phase.ShouldBe(CircuitPhase.Closed);
        pair.Call(0).IsAdmitted.ShouldBeTrue("the owner knows that the server works");
    }

    [Fact]
    public void An_outcome_is_counted_once_however_often_its_report_arrives()
    {
        var pair = new LeasePair().Round(0);
        var admission = pair.Call(0, out var call);
        pair.End(0, call, admission.Ticket);
        var report = pair.Report(0);
        pair.Receive(report);
        pair.Receive(report).Kind.ShouldBe(LeaseReceiptKind.Stale);
        pair.Receive(pair.Report(0));
        pair.Circuit.Snapshot(pair.Now).Window.Calls.ShouldBe(1);
        pair.DeliverAll();
        pair.Report(0).Batches.ShouldBeEmpty();
    }

    [Fact]
    public void A_stale_message_changes_nothing()
    {
        var pair = new LeasePair();
        pair.Receive(pair.Report(0));
        var old = pair.Sent().Single();
        pair.Round(0);
        var before = pair.Holders[0].Snapshot(pair.Now);
        pair.Deliver(old).ShouldBeFalse();
        pair.Deliver(old with { Holder = new HolderId("n0", 2), Epoch = new LeaseEpoch(long.MaxValue, 9, 9) }).ShouldBeFalse("for another life of the node");
        pair.Holders[0].Snapshot(pair.Now).ShouldBe(before);
    }

    [Fact]
    public void A_new_owner_takes_over_what_holders_have_and_gives_the_rest_when_it_is_provably_free()
    {
        var pair = new LeasePair().Round(0, 1, 0, 1);
        var (first, second) = (pair.PermitsOf(0), pair.PermitsOf(1));
        pair.Advance(5);
        pair.NewOwner();
        pair.Owner.OwnLimit.ShouldBe(5, "the stated slack");
        pair.Round(0, 1);
        pair.PermitsOf(0).ShouldBeLessThanOrEqualTo(first);
        pair.PermitsOf(1).ShouldBeLessThanOrEqualTo(second);
        pair.Call(0).IsAdmitted.ShouldBeTrue();
        pair.Owner.Legacy.ShouldBe(20 - first - second);
        for (var i = 0; i < 24; i++)
        {
            pair.Advance(1);
            pair.Round(0, 1);
        }

        pair.Owner.Legacy.ShouldBe(0);
        (pair.Owner.Leased + pair.Owner.OwnLimit).ShouldBe(20);
    }

    [Fact]
    public void A_new_owner_whose_clock_is_behind_goes_above_the_epochs_it_meets()
    {
        var pair = new LeasePair().Round(0);
        pair.Advance(5);
        pair.NewOwner(pair.Now.AddMinutes(-5));
        pair.Round(0);
        pair.Holders[0].Snapshot(pair.Now).Epoch.ShouldBe(pair.Owner.Epoch);
    }

    [Fact]
    public void An_owner_that_was_replaced_is_told_so_by_a_holder_of_the_new_one()
    {
        var pair = new LeasePair().Round(0);
        var former = pair.Owner;
        pair.Advance(5);
        pair.NewOwner();
        pair.Round(0);
        former.Receive(pair.Report(0), pair.Now).Kind.ShouldBe(LeaseReceiptKind.Outranked);
    }

    [Fact]
    public void Retries_are_shared_out_of_the_one_budget()
    {
        var pair = new LeasePair().Round(0, 1);
        var retries = Enumerable.Range(0, 2).Sum(i => pair.Holders[i].Retries.Available(pair.Now));
        retries.ShouldBe(3, "the floor of a quiet server");
        pair.Holders[0].Retries.Take(9, pair.Now);
        pair.Round(0, 0, 0);
        pair.Holders[0].Retries.Available(pair.Now).ShouldBe(0);
        pair.Advance(11);
        pair.Round(0);
        pair.Holders[0].Retries.Available(pair.Now).ShouldBeGreaterThan(0);
    }

    [Fact]
    public void A_lease_that_nobody_uses_is_given_back_and_not_renewed()
    {
        var pair = new LeasePair();
        pair.Call(0);
        pair.Round(0);
        pair.Advance(61);
        pair.Report(0).Releases.ShouldBeTrue();
        pair.Holders[0].NextReport.ShouldBeNull();
    }

    [Fact]
    public void Forced_closed_holds_on_every_node()
    {
        var pair = new LeasePair().Round(0);
        pair.Circuit.SetMode(CircuitMode.ForcedClosed, "maintenance", null, pair.Now);
        pair.Owner.Sync(pair.Now);
        pair.DeliverAll();
        pair.Fail(0, 8);
        pair.Call(0).IsAdmitted.ShouldBeTrue();
    }

    [Fact]
    public void What_a_former_owner_still_has_to_say_counts_no_more_once_a_new_one_has_asked()
    {
        var pair = new LeasePair(holders: 1).Round(0, 0);
        var before = pair.PermitsOf(0);
        while (pair.Call(0).IsAdmitted)
        {
        }

        pair.Receive(pair.Report(0));
        var late = pair.Sent();
        late.ShouldContain(grant => grant.Permits > before, "a raise is on its way");

        var next = pair.NewOwner(pair.Now.AddSeconds(1));
        pair.Holders[0].Fence(owner: 2);
        late.ForEach(grant => pair.Deliver(grant).ShouldBeFalse());
        var claim = pair.Report(0);

        claim.AskedBy.ShouldBe(2);
        claim.Permits.ShouldBe(before);
        pair.Receive(claim).Kind.ShouldBe(LeaseReceiptKind.Taken);
        next.ConcludeTakeover(pair.Now);
        (next.Leased + next.OwnLimit).ShouldBe(20);
        pair.DeliverAll();
        pair.Holders[0].Epoch.Owner.ShouldBe(2);
    }
}
