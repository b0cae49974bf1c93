using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using McpActors.Core.Security.Keys;
using static McpActors.Core.Security.Keys.KeyProtocol;

namespace McpActors.Core.Tests.Security.Keys;

public sealed class KeyTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_key_is_its_prefix_and_256_random_bits()
    {
        var first = KeyText.Write(RandomNumberGenerator.GetBytes(32));
        var second = KeyText.Write(RandomNumberGenerator.GetBytes(32));

        first.ShouldStartWith("mcpa_");
        first.Length.ShouldBe(KeyText.Length);
        first.ShouldNotBe(second);
        KeyText.IsWellFormed(first).ShouldBeTrue();
        Should.Throw<ArgumentOutOfRangeException>(() => KeyText.Write(new byte[16]));
    }

    [Theory]
    [InlineData("")]
    [InlineData("mcpa_")]
    [InlineData("mcpa_short")]
    [InlineData("mcpb_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("mcpa_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA!A")]
    [InlineData("mcpa_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    public void Other_texts_are_no_keys(string text) => KeyText.IsWellFormed(text).ShouldBeFalse();

    [Fact]
    public void What_is_kept_is_the_hash_of_the_text()
    {
        var text = KeyText.Write(new byte[32]);

        KeyHash.Of(text).ToArray().ShouldBe(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
        new KeyHash(KeyHash.Of(text).ToArray()).Matches(KeyHash.Of(text)).ShouldBeTrue();
    }

    [Property]
    public void Hashes_match_only_when_every_bit_does(byte position, byte bit)
    {
        var bytes = SHA256.HashData("x"u8);
        var other = (byte[])bytes.Clone();
        other[position % bytes.Length] ^= (byte)(1 << (bit % 8));

        new KeyHash(bytes).Matches(new KeyHash(bytes)).ShouldBeTrue();
        new KeyHash(bytes).Matches(new KeyHash(other)).ShouldBeFalse();
    }

    [Fact]
    public void A_key_ends_at_its_time()
    {
        var key = Key("a") with { ExpiresAt = Now.AddHours(1) };

        key.IsValid(Now.AddMinutes(59)).ShouldBeTrue();
        key.IsValid(Now.AddHours(1)).ShouldBeFalse();
        Key("b").IsValid(DateTimeOffset.MaxValue).ShouldBeTrue();
    }

    [Property]
    public Property Replaying_the_events_gives_the_state_and_the_revisions_have_no_gaps() => Prop.ForAll(
        Gen.Choose(0, 9).Two().ListOf().ToArbitrary(),
        orders =>
        {
            var (state, replayed) = (KeyState.Initial, KeyState.Initial);
            foreach (var (kind, id) in orders)
            {
                IKeyCommand command = kind < 6 ? new CreateKey(Key($"k{id}")) : new RevokeKey($"k{id}", "anna");
                var decision = KeyDecider.Decide(state, command, Now);
                if (decision.Event is not { } change)
                {
                    decision.Reply.Single().ShouldBeAssignableTo<IKeyReply>().ShouldNotBeOfType<Stored>();
                    continue;
                }

                change.Revision.ShouldBe(state.Revision + 1);
                decision.Reply.ShouldBe([new Stored(KeyNews.Of(change))]);
                state = state.Evolve(change);
                replayed = replayed.Evolve(change);
            }

            replayed.Keys.Values.ShouldBe(state.Keys.Values);
            state.Keys.Count.ShouldBeLessThanOrEqualTo(10);
        });

    [Fact]
    public void A_node_that_is_behind_gets_all_keys_in_pages_and_one_in_step_gets_none()
    {
        var state = Enumerable.Range(1, 250).Aggregate(KeyState.Initial, (s, i) => s.Evolve(new KeyCreated(i, Key($"k{i:000}"))));

        var pages = KeyDecider.Decide(state, new Sync(-1), Now).Reply.Cast<KeyPage>().ToArray();
        pages.Length.ShouldBe(3);
        pages[0].First.ShouldBeTrue();
        pages.Count(page => page.Last).ShouldBe(1);
        pages.SelectMany(page => page.Keys).Count().ShouldBe(250);
        KeyDecider.Decide(state, new Sync(250), Now).Reply.ShouldHaveSingleItem().ShouldBe(new InStep(250));
        KeyDecider.Decide(KeyState.Initial, new Sync(-1), Now).Reply.ShouldHaveSingleItem().ShouldBeOfType<KeyPage>().Last.ShouldBeTrue();
    }

    [Fact]
    public void An_impossible_event_throws_instead_of_being_believed() =>
        Should.Throw<InvalidOperationException>(() => KeyState.Initial.Evolve(new KeyRevoked(2, "nobody", "anna", Now)));

    [Fact]
    public void Expired_keys_take_no_place_and_are_forgotten_a_week_later()
    {
        var full = new KeyState
        {
            Keys = Enumerable.Range(0, KeyDecider.MostKeys).Select(i => Key($"k{i}") with { ExpiresAt = Now }).ToImmutableSortedDictionary(key => key.Id, key => key, StringComparer.Ordinal),
        };
        var later = Key("new") with { CreatedAt = Now.AddDays(8) };

        KeyDecider.Decide(full, new CreateKey(Key("new")), Now.AddSeconds(-1)).Reply.Single().ShouldBeOfType<Refused>();
        var created = KeyDecider.Decide(full, new CreateKey(later), Now.AddDays(8)).Event.ShouldBeOfType<KeyCreated>();
        full.Evolve(created with { Key = Key("new") with { CreatedAt = Now.AddDays(6) } }).Keys.Count.ShouldBe(KeyDecider.MostKeys + 1);
        var state = full.Evolve(created);
        state.Keys.Keys.ShouldBe(["new"]);
        state.Evolve(new KeyRevoked(2, "k1", "anna", Now)).Keys.Keys.ShouldBe(["new"], "a journal may tell of the end of one that was forgotten");
    }

    [Fact]
    public void A_key_without_a_scope_is_refused() =>
        KeyDecider.Decide(KeyState.Initial, new CreateKey(Key("a") with { Scopes = KeyScopes.None }), Now).Reply.Single().ShouldBeOfType<Refused>();

    private static ApiKey Key(string id) => new(id, "name of " + id, KeyHash.Of(id), KeyScopes.Read, Now, "anna", null);
}
