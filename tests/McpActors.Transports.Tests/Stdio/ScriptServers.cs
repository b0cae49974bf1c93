using McpActors.Core.Configuration;

namespace McpActors.Transports.Tests.Stdio;

/// <summary>Servers of a few lines of shell, for manners that the mock server does not have. Ids are known: the first request has id 1.</summary>
internal static class ScriptServers
{
    private const string Initialized = """
        answer() { printf '%s\n' "$1"; }
        initialized() { answer '{"jsonrpc":"2.0","id":'"$1"',"result":{"protocolVersion":"2025-06-18","capabilities":{},"serverInfo":{"name":"script","version":"1"}}}'; }
        """;

    public static ServerModel Of(string script, string? protocol = null)
        => Models.Stdio("sh", "-c", Initialized + "\n" + script) with { Protocol = protocol };

    /// <summary>Says nothing to the probe, and speaks the old protocol.</summary>
    public static ServerModel SilentToTheProbe => Of("""
        while read -r line; do
          case $line in
            *'"method":"initialize"'*) initialized 2 ;;
          esac
        done
        """);

    /// <summary>Does not survive a message before initialize.</summary>
    public static ServerModel DiesOfTheProbe => Of("""
        read -r line
        case $line in
          *'"method":"initialize"'*) initialized 1; while read -r line; do :; done ;;
          *) echo 'not initialized' >&2; exit 7 ;;
        esac
        """);

    /// <summary>After the handshake asks its client something, and repeats the answer in a notification.</summary>
    public static ServerModel Asking(string method) => Of($$$"""
        read -r line; initialized 1; read -r line
        answer '{"jsonrpc":"2.0","id":"q-1","method":"{{{method}}}"}'
        read -r reply
        answer '{"jsonrpc":"2.0","method":"notifications/message","params":{"reply":'"$reply"'}}'
        while read -r line; do :; done
        """, "2025-06-18");

    /// <summary>Leaves a child of its own behind that nothing but SIGKILL ends.</summary>
    public static ServerModel WithStubbornGrandchild(string mark) => Of($$"""
        sh -c 'trap "" TERM HUP INT; while :; do sleep 5; done' {{mark}} </dev/null >/dev/null 2>&1 &
        trap '' TERM HUP INT
        read -r line; initialized 1
        while :; do sleep 5; done
        """, "2025-06-18");
}
