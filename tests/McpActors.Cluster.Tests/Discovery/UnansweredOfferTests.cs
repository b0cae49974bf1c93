using Akka.TestKit.Xunit2;
using McpActors.Cluster.Discovery;
using McpActors.Cluster.Tests.Hosting;
using McpActors.Core.Discovery;

namespace McpActors.Cluster.Tests.Discovery;

public sealed class UnansweredOfferTests : TestKit
{
    [Fact]
    public async Task File_that_nobody_answers_for_is_said_to_be_offered_still()
    {
        var catalogue = new Catalogue(new CatalogueHolder(new ServerDefinitionReader(), "a"), new CatalogueEvents(), new KnownActor<CatalogueAgent>(TestActor), new KnownActor<DiscoveryCoordinator>(TestActor))
        {
            ApplyTime = TimeSpan.FromMilliseconds(50),
        };

        var result = await catalogue.ApplyAsync(CatalogueFile.Empty, ordered: true, CancellationToken.None);

        result.Revision.ShouldBeNull();
        result.Text.ShouldNotBeNull().ShouldContain("still offered");
    }
}
