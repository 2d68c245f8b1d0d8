using System.Text;
using Nspawn.Core;

namespace Nspawn;

/// <summary>The verb explain: what a launch would do and why, without doing it.</summary>
internal static class Explanation
{
    /// <param name="settings">What is asked for.</param>
    /// <param name="places">Where a settings file was looked for.</param>
    /// <param name="json">For programs.</param>
    public static string Of(Settings settings, IEnumerable<string> places, bool json)
    {
        HostFacts host = HostReader.Read(settings, Environment.GetEnvironmentVariable) with { IsRoot = true };
        using OpenTree tree = OpenTree.ToLook(settings.Template is null ? settings : settings with { Directory = settings.Template });
        Plan plan = new Launcher(settings, Environment.GetEnvironmentVariable, asSystemdNspawn: false).MakePlan(host, tree, out _);
        return json ? PlanJson.Of(plan) + "\n" : Text(plan, places);
    }

    private static string Text(Plan plan, IEnumerable<string> places)
    {
        StringBuilder text = new();
        string namespaces = plan.Namespaces.ToString().Replace("New", "", StringComparison.Ordinal).ToLowerInvariant();
        _ = text.Append($"machine {plan.Machine}, {plan.Uuid:D}\n");
        _ = text.Append($"console {plan.Console}; namespaces of its own: {namespaces}, cgroup\n");
        _ = text.Append($"settings file {plan.SettingsFile ?? Missing(places)}\n");
        Section(text, "On the host, undone at the end", plan.Host);
        Section(text, "In the tree, by the launcher", plan.Tree);
        if (plan.Pins is { IsEmpty: false } pins)
        {
            Section(text, "In the tree, once the container's first process has a copy of its mounts", pins);
        }

        if (!plan.Network.IsEmpty)
        {
            Section(text, "On the host's network, while the container's first process waits; undone at the end", plan.Network);
        }

        if (!plan.Unit.IsEmpty)
        {
            Section(text, "About the container's first process, while it waits", plan.Unit);
        }

        Section(text, "In the container, by the process that becomes the payload", plan.Leader);
        foreach (string warning in plan.Warnings ?? [])
        {
            _ = text.Append($"\nwarning: {warning}");
        }

        foreach (string notice in plan.Notices)
        {
            _ = text.Append($"\nnote: {notice}");
        }

        return text.Append('\n').ToString().TrimEnd('\n') + "\n";
    }

    private static string Missing(IEnumerable<string> places) =>
        string.Join(", ", places) is { Length: > 0 } looked ? $"none (looked for {looked})" : "not looked for: --settings=no";

    private static void Section(StringBuilder text, string title, IEnumerable<Step> steps)
    {
        _ = text.Append($"\n{title}:\n");
        int number = 0;
        string reason = "";
        foreach (Step step in steps)
        {
            // A reason stands above all the steps it is the reason of.
            if (step.Reason != reason)
            {
                reason = step.Reason;
                _ = text.Append($"  {reason}\n");
            }

            string optional = step.Optional ? " (where possible)" : "";
            _ = text.Append($"{++number,6}  {StepSummary.Of(step)}{optional}\n");
        }
    }
}
