using Akka.Actor;
using Akka.Event;
using McpActors.Core.Health;

namespace McpActors.Cluster.Health;

// Webhooks are told what the journal knows, so that the next monitor knows what they were told.
internal sealed partial class HealthMonitor
{
    /// <summary>How long requests under way may take to end when the monitor moves.</summary>
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(3);

    private readonly DeliveryQueue _deliveries = new();
    private readonly CancellationTokenSource _stopped = new();

    private void Deliver(DateTimeOffset now)
    {
        // An outage of the journal is what somebody must be told of: it is not waited for without end.
        while (_unstored.TryPeek(out var oldest) && now - oldest.At >= Patience)
            _storedUpTo = _unstored.Dequeue().Notification;
        foreach (var due in _deliveries.TakeDue(_book.State, _book.Rules, _storedUpTo, now))
        {
            string[] ids = [.. due.Notifications.Select(notification => notification.Id)];
            _setup.Webhooks.PostAsync(due.Rule.Webhook!, WebhookBody.Write(due, LabelsOf), _stopped.Token)
                .PipeTo(Self, success: answer => new Posted(due.Rule.Name, ids, answer));
        }
    }

    private void OnPosted(Posted posted)
    {
        var now = Now;
        var (result, text) = posted.Answer;
        _deliveries.Ended(posted.Rule, result, Random(), now);
        _setup.Metrics.Delivered(posted.Rule, result);
        switch (result)
        {
            case DeliveryResult.Delivered:
                _book.Delivered(posted.Ids, now);
                break;
            case DeliveryResult.Refused:
                _log.Error("The webhook of {Rule} refuses {Count} notifications: {Reason}; they are given up", posted.Rule, posted.Ids.Count, text);
                _book.Dropped(posted.Ids, text, now);
                break;
            default:
                _log.Warning("The webhook of {Rule} does not take {Count} notifications: {Reason}; they are sent again", posted.Rule, posted.Ids.Count, text);
                break;
        }

        Finish(now);
        if (!_stopping)
            Deliver(now);
        else if (_deliveries.UnderWay == 0)
            CloseRecorder();
    }

    private void GiveUpHopeless(DateTimeOffset now)
    {
        foreach (var group in DeliveryQueue.Hopeless(_book.State, _book.Rules, now, _book.KnowsAllRules).GroupBy(lost => lost.Reason).ToArray())
        {
            string[] ids = [.. group.Select(lost => lost.Id)];
            _log.Warning("{Count} notifications are given up: {Reason}", ids.Length, group.Key);
            _book.Dropped(ids, group.Key, now);
        }

        Finish(now);
    }

    private IReadOnlyDictionary<string, string>? LabelsOf(string subject) =>
        _setup.Catalogue.Current.TryFind(subject, out var model) ? model.Labels : null;

    /// <summary>A webhook was told, or not.</summary>
    private sealed record Posted(string Rule, IReadOnlyList<string> Ids, WebhookAnswer Answer) : INoSerializationVerificationNeeded;
}
