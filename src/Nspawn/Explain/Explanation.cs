using System.Text;
using Nspawn.Core;

namespace Nspawn;

/// <summary>The verb explain: what a launch would do and why, without doing it.</summary>
internal static class Explanation
{
    public static string Of(Settings settings, bool json)
    {
        HostFacts host = HostReader.Read(settings, Environment.GetEnvironmentVariable) with { IsRoot = true };
        Plan plan = new Launcher(settings, Environment.GetEnvironmentVariable, asSystemdNspawn: false).MakePlan(host, out _, out _);
        return json ? PlanJson.Of(plan) + "\n" : Text(plan);
    }

    private static string Text(Plan plan)
    {
        StringBuilder text = new();
        _ = text.Append($"machine {plan.Machine}, {plan.Uuid:D}, console {plan.Console}, namespaces {plan.Namespaces}\n");
        Section(text, "On the host, undone at the end", plan.Host);
        Section(text, "In the tree, by the launcher", plan.Tree);
        if (!plan.Unit.IsEmpty)
        {
            Section(text, "With the service manager and machined, while the container's first process waits", plan.Unit);
        }

        Section(text, "In the container, by the process that becomes the payload", plan.Leader);
        foreach (string notice in plan.Notices)
        {
            _ = text.Append($"\nnote: {notice}");
        }

        return text.Append('\n').ToString().TrimEnd('\n') + "\n";
    }

    private static void Section(StringBuilder text, string title, IEnumerable<Step> steps)
    {
        _ = text.Append($"\n{title}:\n");
        int number = 0;
        foreach (Step step in steps)
        {
            string optional = step.Optional ? " (where possible)" : "";
            _ = text.Append($"{++number,4}  {StepSummary.Of(step)}{optional}\n        {step.Reason}\n");
        }
    }
}
