using System.Collections.Concurrent;
using McpActors.Core.Health;

namespace McpActors.Cluster.Health;

/// <summary>What is the matter with this node, until its agent reports it. Bounded.</summary>
internal sealed class AlarmBoard(TimeProvider time) : IAlarms
{
    private readonly ConcurrentDictionary<AlarmKey, Alarm> _raised = new();
    private readonly ConcurrentQueue<Alarm> _signals = new();

    /// <summary>Called after a change, on the thread of whoever made it.</summary>
    public Action? Changed { get; set; }

    /// <summary>All that is the matter, as far as one message takes it.</summary>
    public IReadOnlyList<Alarm> Raised => [.. _raised.Values.OrderBy(alarm => alarm.Since).Take(HealthProtocol.MostInMessage)];

    public void Raise(AlarmEvent what, string subject, string text)
    {
        var alarm = new Alarm(what, HealthText.Cut(subject), HealthText.Cut(text), time.GetUtcNow());
        if (what.IsMomentary())
        {
            if (_signals.Count < HealthProtocol.MostInMessage)
            {
                _signals.Enqueue(alarm);
                Changed?.Invoke();
            }
        }
        else
        {
            // In other words it is the same matter still.
            var key = AlarmKey.Of(alarm);
            var known = _raised.GetValueOrDefault(key);
            if (known?.Text == alarm.Text)
                return;
            _raised[key] = alarm with { Since = known?.Since ?? alarm.Since };
            Changed?.Invoke();
        }
    }

    public void Clear(AlarmEvent what, string subject)
    {
        if (_raised.TryRemove(new AlarmKey(what, HealthText.Cut(subject)), out _))
        {
            Changed?.Invoke();
        }
    }

    /// <summary>Takes the momentary events.</summary>
    public IReadOnlyList<Alarm> TakeSignals()
    {
        List<Alarm>? taken = null;
        while (_signals.TryDequeue(out var signal))
        {
            (taken ??= []).Add(signal);
        }

        return taken ?? [];
    }
}
