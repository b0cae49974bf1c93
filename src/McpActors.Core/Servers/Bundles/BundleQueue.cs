using McpActors.Core.Servers.Calls;
using static McpActors.Core.Servers.ServerProtocol;

namespace McpActors.Core.Servers.Bundles;

/// <summary>
/// When a node says something to the actor of a server on another node: at once while no answer is awaited, and otherwise together with whatever else
/// there is to say by the time the answer comes; with many calls in hand not before <see cref="Spacing"/> has passed either. So a single call waits for nothing, and the more
/// calls there are, the fewer messages each of them takes. What is gathered waits for <see cref="Patience"/> at most; failures do not wait, and take along what was said
/// before them. Owned by one thread at a time; time is an input.
/// </summary>
/// <param name="server">The server.</param>
public sealed class BundleQueue(ServerId server)
{
    /// <summary>Commands in one message; with so many gathered, waiting longer saves nothing.</summary>
    public const int MostCommands = 32;

    /// <summary>Bytes of a message from which on it is sent, in the texts and results of its commands. One command alone may have more.</summary>
    public const int MostBytes = 16 * 1024;

    /// <summary>How long what is gathered waits for the answer to what was said before, which may be lost: no permit comes back later by more than this.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(20);

    /// <summary>The least time between two messages while <see cref="Crowd"/> calls or more are in hand: what else comes within it is worth more than it costs.</summary>
    public static readonly TimeSpan Spacing = TimeSpan.FromMilliseconds(1);

    /// <summary>So many calls in hand that others come within <see cref="Spacing"/>, and that none of them is alone in waiting for it.</summary>
    public const int Crowd = 8;

    private List<IServerCommand> _gathered = [];
    private int _bytes;
    private bool _asks;
    private DateTimeOffset _since;
    private long _number;
    private long _awaited;
    private DateTimeOffset _sentAt;
    private int _inHand;

    /// <summary>When <see cref="Tick"/> has something to do, if at all.</summary>
    public DateTimeOffset? NextTick => _gathered.Count == 0 ? null : _awaited == 0 ? SpacedAt : _since + Patience;

    private DateTimeOffset SpacedAt => _inHand < Crowd ? _since : _sentAt + Spacing;

    /// <summary>Adds a command about a call. Adds what is to be sent now, if anything, to <paramref name="outbox"/>.</summary>
    public void Say(IServerCommand command, DateTimeOffset now, List<BundleProtocol.Said> outbox)
    {
        var bytes = SizeOf(command);
        if (_gathered.Count > 0 && _bytes + bytes > MostBytes)
        {
            outbox.Add(Take(now));
        }

        if (_gathered.Count == 0)
        {
            _since = now;
        }

        _inHand = command switch { Admit => _inHand + 1, Complete or Abandon => Math.Max(0, _inHand - 1), _ => _inHand };
        _gathered.Add(command);
        _bytes += bytes;
        _asks |= command is Admit or AttemptFailed;
        if (NextTick <= now || _gathered.Count >= MostCommands || _bytes >= MostBytes || IsUrgent(command))
        {
            outbox.Add(Take(now));
        }
    }

    /// <summary>A call was refused or is over without having run: nothing more will be said about it.</summary>
    public void Over() => _inHand = Math.Max(0, _inHand - 1);

    /// <summary>A message was answered. Returns what is to be sent now, if anything.</summary>
    public BundleProtocol.Said? Answered(long number, DateTimeOffset now)
    {
        // That of one before was late, and says nothing about the one that is awaited.
        if (number == 0 || number != _awaited)
        {
            return null;
        }

        _awaited = 0;
        return Tick(now);
    }

    /// <summary>Does what time alone does. Returns what is to be sent now, if anything.</summary>
    public BundleProtocol.Said? Tick(DateTimeOffset now) => NextTick <= now ? Take(now) : null;

    private BundleProtocol.Said Take(DateTimeOffset now)
    {
        _sentAt = now;
        var said = new BundleProtocol.Said(server, _asks ? ++_number : 0, _gathered);
        _awaited = _asks ? _number : _awaited;
        _gathered = [];
        _bytes = 0;
        _asks = false;
        return said;
    }

    // A circuit must hear of failures as they come.
    private static bool IsUrgent(IServerCommand command) =>
        command is AttemptFailed or Complete { Outcome.Verdict: CircuitVerdict.Failure };

    private static int SizeOf(IServerCommand command) => command switch
    {
        Admit { Intent: var intent, Profile: var profile } =>
            (intent.Target?.Length ?? 0) + (profile?.Capabilities.Length ?? 0) + (profile?.ClientInfo.Length ?? 0),
        Complete { Fill: { } fill } => fill.Result.Length,
        _ => 0,
    };
}
