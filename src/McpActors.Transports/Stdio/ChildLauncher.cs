using System.ComponentModel;
using McpActors.Core.Configuration;
using McpActors.Core.Servers.Calls;

namespace McpActors.Transports.Stdio;

/// <summary>Starts the child that a server is configured with, and says exactly what is wrong when that does not work.</summary>
internal static class ChildLauncher
{
    /// <summary>Starts it.</summary>
    /// <exception cref="UpstreamException">It cannot be started.</exception>
    public static ChildProcess Start(ServerModel server, ProcessReaper reaper, TimeProvider time, TimeSpan grace)
    {
        var command = Resolve(server);
        try
        {
            return ChildProcess.Start(command, reaper, time, grace);
        }
        catch (Exception fault) when (fault is Win32Exception or PlatformNotSupportedException or IOException)
        {
            throw new UpstreamException(AttemptResult.ConnectFailed, $"{server.Command} could not be started: {fault.Message}", fault);
        }
    }

    private static ChildCommand Resolve(ServerModel server)
    {
        var command = server.Command ?? throw new ArgumentException($"Server {server.Id} has no command", nameof(server));
        var environment = ChildEnvironment.Build(server.Environment);
        var directory = server.WorkingDirectory;
        if (directory is not null && !Directory.Exists(directory))
        {
            throw new UpstreamException(AttemptResult.ConnectFailed, $"the working directory {directory} does not exist");
        }

        var path = environment.GetValueOrDefault("PATH");
        if (CommandResolver.Find(command, directory, path) is { } program)
        {
            return new ChildCommand(program, server.Arguments, environment, directory);
        }

        throw new UpstreamException(
            AttemptResult.ConnectFailed,
            command.Contains('/', StringComparison.Ordinal) ? $"{command} was not found, or may not be executed" : $"{command} was not found on PATH ({path})");
    }
}
