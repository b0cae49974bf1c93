using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("McpActors.Cluster.Tests")]
[assembly: InternalsVisibleTo("McpActors.Testing")]
