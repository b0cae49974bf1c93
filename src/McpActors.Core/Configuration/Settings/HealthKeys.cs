using System.Text.RegularExpressions;
using McpActors.Core.Configuration.Source;
using McpActors.Core.Health;

namespace McpActors.Core.Configuration.Settings;

/// <summary>The keys of <c>health</c>.</summary>
internal static partial class HealthKeys
{
    private const int MostAlerts = 50;
    private const string NameTakes = "1 to 64 letters, digits, dots, dashes or underscores";

    public static SectionType<HealthOptions> Health { get; } = new SectionType<HealthOptions>(HealthOptions.Default)
        .Key("alerts", new ListType<AlertRule>(Rule(), "a list of alert rules") { ItemDefault = AlertRule.Default }, static o => o.Alerts, static (o, v) => o with { Alerts = v },
            "Who is told of what by webhook. A change is in force at once.")
        .Checked(
        [
            new("alerts", $"a list of at most {MostAlerts} rules, each with a name of its own",
                static o => o.Alerts.Count <= MostAlerts && o.Alerts.Select(rule => rule.Name).Distinct(StringComparer.Ordinal).Count() == o.Alerts.Count),
        ]);

    private static ScalarType<Uri> Webhook => new()
    {
        Takes = "an http:// or https:// URL without user or password",
        Parse = static (string text, SourceMark _, out Uri value) =>
            Uri.TryCreate(text, UriKind.Absolute, out value!) && value.Scheme is "http" or "https" && value is { UserInfo: "", Host.Length: > 0, Fragment: "" },
        Format = static value => value.OriginalString,
        Masked = SecretNames.MaskWebhook,
        IsSecret = true,
        Schema = static writer => writer.WriteString("pattern", "^https?://|" + SettingTypes.ReferencePattern),
    };

    private static SectionType<AlertRule> Rule() => new SectionType<AlertRule>(AlertRule.Default)
        .Key("name", SettingTypes.Text(NameTakes, static text => Name().IsMatch(text)), static r => r.Name, static (r, v) => r with { Name = v },
            "Its name, which is in every notification.")
        .Key("webhook", new OptionalReferenceType<Uri>(Webhook), static r => r.Webhook, static (r, v) => r with { Webhook = v },
            "Where notifications are posted to. What follows the host is masked wherever the configuration is shown.")
        .Key("events", new ListType<AlarmEvent>(SettingTypes.Choice([.. AlarmEvents.All]), "a list of events, not empty") { MayBeEmpty = false }, static r => r.Events, static (r, v) => r with { Events = v },
            $"What it is about: {SettingTypes.Join([.. AlarmEvents.All.Select(static each => each.Word)])}.")
        .Key("for", SettingTypes.Duration(TimeSpan.Zero, TimeSpan.FromHours(24)), static r => r.For, static (r, v) => r with { For = v },
            "How long something must be the matter before it is told; circuitClosed, serverRecovered and secondWriter are told at once.")
        .Key("repeat", new OptionalType<TimeSpan>(SettingTypes.Duration(TimeSpan.FromMinutes(1), TimeSpan.FromDays(30))), static r => r.Repeat, static (r, v) => r with { Repeat = v },
            "After this time it is told again, as long as it lasts; null: never.")
        .Key("resolved", SettingTypes.Boolean, static r => r.Resolved, static (r, v) => r with { Resolved = v }, "Whether the end is told too.")
        .Checked(
        [
            new("name", NameTakes, static r => r.Name.Length > 0),
            new("webhook", "an http:// or https:// URL", static r => r.Webhook is not null),
            new("events", "a list of events, not empty", static r => r.Events.Count > 0),
        ]);

    [GeneratedRegex("^[A-Za-z0-9._-]{1,64}$")]
    private static partial Regex Name();
}
