using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace McpActors.Benchmarks;

/// <summary>The processes of a benchmark; all end with it.</summary>
internal class ChildProcesses : IAsyncDisposable
{
    private readonly List<Process> _processes = [];

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        foreach (var process in _processes)
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync();
            process.Dispose();
        }

        GC.SuppressFinalize(this);
    }

    /// <summary>A free loopback port.</summary>
    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>Starts one.</summary>
    public Process Start(string file, params string[] arguments)
    {
        var process = Process.Start(new ProcessStartInfo(file, arguments) { RedirectStandardOutput = true })!;
        process.OutputDataReceived += static (_, _) => { }; // drained, so that no child blocks on a full pipe
        process.BeginOutputReadLine();
        _processes.Add(process);
        return process;
    }

    /// <summary>Starts a gateway with a configuration file.</summary>
    public Process StartGateway(string file) => Start("dotnet", Path.Combine(AppContext.BaseDirectory, "mcpactors.dll"), "run", "--config", file);

    /// <summary>Starts this program again, as another part of the benchmark.</summary>
    public Process StartPart(params string[] arguments) => Start("dotnet", [typeof(ChildProcesses).Assembly.Location, .. arguments]);

    /// <summary>Waits until a port takes connections.</summary>
    public static async Task WaitForAsync(int port)
    {
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                using var client = new TcpClient();
                await client.ConnectAsync(IPAddress.Loopback, port);
                return;
            }
            catch (SocketException) when (attempt < 300)
            {
                await Task.Delay(100);
            }
        }
    }

    /// <summary>Waits until a gateway says that it is ready.</summary>
    public static async Task WaitForReadyAsync(int managementPort)
    {
        using var http = new HttpClient();
        for (var attempt = 0; attempt < 1200; attempt++)
        {
            try
            {
                using var response = await http.GetAsync($"http://127.0.0.1:{managementPort}/ready");
                if (response.IsSuccessStatusCode)
                    return;
            }
            catch (HttpRequestException) when (attempt < 1199)
            {
                // the listener is not up yet
            }

            await Task.Delay(100);
        }

        throw new InvalidOperationException("The gateway did not get ready within 2 minutes.");
    }
}
