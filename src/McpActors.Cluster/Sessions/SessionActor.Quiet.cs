using Akka.Actor;
using Akka.Cluster.Sharding;
using McpActors.Core.Sessions;
using static McpActors.Core.Sessions.SessionProtocol;

namespace McpActors.Cluster.Sessions;

/// <content>The nodes that use the session, and how it leaves memory when nobody does.</content>
internal sealed partial class SessionActor
{
    private const int MaxWatchers = 64;

    // Mostly one, and ten thousand sessions have them: arrays are the least.
    private IActorRef[] _watchers = [];
    private IActorRef[] _asked = [];
    private Quiet _quiet;

    /// <summary>How far it is on its way out of memory.</summary>
    private enum Quiet
    {
        No,
        RecorderRests,
        NodesAreAsked,
    }

    /// <summary>Tells the nodes that use the session how it is now.</summary>
    private void Announce(IActorRef except)
    {
        if (_state.Info is not { } info)
            return;
        ISessionReply news = _state.End is { } end ? new SessionEnded(info.Id, end) : new SessionFound(info);
        foreach (var watcher in _watchers.Union(_asked).Where(watcher => !watcher.Equals(except)))
            watcher.Tell(news);
        if (_state.End is not null)
            (_watchers, _asked) = ([], []);
    }

    private void Watch(IActorRef node)
    {
        if (_watchers.Length < MaxWatchers && !_watchers.Contains(node))
            _watchers = [.. _watchers, node];
    }

    private void OnReceiveTimeout()
    {
        // A session that the journal has not taken lives only here.
        if (_recorder.HasUnstored)
            return;
        if (_quiet is Quiet.No)
        {
            _recorder.Rest();
            BeQuiet(Quiet.RecorderRests, _settings.RestAfter);
            return;
        }

        if (_quiet is Quiet.RecorderRests && _state.IsOpen && _watchers.Length > 0)
        {
            AskNodes();
            BeQuiet(Quiet.NodesAreAsked, _settings.RestNotice);
            return;
        }

        _asked = [];
        if (_watchers.Length > 0)
            BeQuiet(Quiet.RecorderRests, _settings.RestAfter);
        else
            Passivate();
    }

    /// <summary>Asks the nodes that used the session whether they still do; who does says so to whoever owns it then.</summary>
    private void AskNodes()
    {
        (_asked, _watchers) = (_watchers, []);
        foreach (var node in _asked)
            node.Tell(new SessionResting(_state.Info!.Id));
    }

    private void BeQuiet(Quiet quiet, TimeSpan until)
    {
        _quiet = quiet;
        Context.SetReceiveTimeout(until);
    }

    private static void Passivate() => Context.Parent.Tell(new Passivate(StopSession.Instance));
}
