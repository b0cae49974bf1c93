using Akka.Actor;
using Akka.Hosting;
using McpActors.Core.Health;
using McpActors.Core.Servers;

namespace McpActors.Cluster.Health;

/// <summary>Health as the rest of the process sees it.</summary>
internal sealed class HealthView(HealthHolder holder, IRequiredActor<HealthMonitor> monitor) : IHealth
{
    private static readonly TimeSpan AnswerTime = TimeSpan.FromSeconds(5);

    public ServerHealth Find(ServerId server) => holder.Find(server);

    public async Task<HealthProtocol.AlertPage?> AlertsAsync(HealthProtocol.GetAlerts query, CancellationToken ct)
    {
        try
        {
            var owner = await monitor.GetAsync(ct);
            return await owner.Ask<HealthProtocol.AlertPage>(query, AnswerTime, ct);
        }
        catch (AskTimeoutException)
        {
            return null;
        }
    }
}
