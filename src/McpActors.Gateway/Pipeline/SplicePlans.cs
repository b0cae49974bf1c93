using McpActors.Core.Protocol.JsonRpc;
using Microsoft.Extensions.ObjectPool;

namespace McpActors.Gateway.Pipeline;

/// <summary>Plans that wait to be filled again: each call needs one for its request and one for each message that comes back.</summary>
internal static class SplicePlans
{
    private static readonly DefaultObjectPool<SplicePlan> Pool = new(new Policy(), 1024);

    public static SplicePlan Rent() => Pool.Get();

    public static void Return(SplicePlan plan) => Pool.Return(plan);

    private sealed class Policy : PooledObjectPolicy<SplicePlan>
    {
        public override SplicePlan Create() => new();

        public override bool Return(SplicePlan obj)
        {
            obj.Clear();
            return true;
        }
    }
}
