using System.Diagnostics;
using System.Text;

namespace McpActors.Testing;

/// <summary>What a program that ran to its end left behind.</summary>
/// <param name="ExitCode">Its exit code.</param>
/// <param name="Output">Its standard output.</param>
/// <param name="Error">Its standard error.</param>
public sealed record ProgramResult(int ExitCode, string Output, string Error)
{
    /// <summary>Both outputs, for messages of failed tests.</summary>
    public override string ToString() => $"exit code {ExitCode}\n{Output}\n{Error}";
}

/// <summary>Runs a program to its end, without a shell and without input.</summary>
public static class ProgramRun
{
    /// <summary>Runs it; a program that takes longer than the limit is killed with its children.</summary>
    public static async Task<ProgramResult> RunAsync(ProcessStartInfo start, TimeSpan limit)
    {
        ArgumentNullException.ThrowIfNull(start);
        start.RedirectStandardInput = start.RedirectStandardOutput = start.RedirectStandardError = true;
        start.UseShellExecute = false;
        using var process = new Process { StartInfo = start };
        var output = new StringBuilder();
        var error = new StringBuilder();
        process.OutputDataReceived += (_, line) => Append(output, line.Data);
        process.ErrorDataReceived += (_, line) => Append(error, line.Data);
        process.Start();
        process.StandardInput.Close();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        using var timeout = new CancellationTokenSource(limit);
        try
        {
            await process.WaitForExitAsync(timeout.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{start.FileName} {string.Join(' ', start.ArgumentList)} took longer than {limit}:\n{output}\n{error}");
        }

        return new ProgramResult(process.ExitCode, Text(output), Text(error));
    }

    /// <summary>Runs a program with arguments in a folder.</summary>
    public static Task<ProgramResult> RunAsync(string program, IEnumerable<string> arguments, string folder, TimeSpan limit) =>
        RunAsync(new ProcessStartInfo(program, arguments) { WorkingDirectory = folder }, limit);

    internal static void Append(StringBuilder text, string? line)
    {
        if (line is null)
            return;
        lock (text)
            text.AppendLine(line);
    }

    internal static string Text(StringBuilder text)
    {
        lock (text)
            return text.ToString();
    }
}
