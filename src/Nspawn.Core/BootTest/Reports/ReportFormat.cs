namespace Nspawn.Core;

/// <summary>A form that a boot test's report can be written in.</summary>
public enum ReportFormat
{
    /// <summary>JUnit's XML as Jenkins, GitLab and GitHub's actions read it.</summary>
    JUnit,

    /// <summary>Test Anything Protocol 14, with YAML diagnostics.</summary>
    Tap,

    /// <summary>The same under the name of version 13: a harness that does not know the newer one refuses it by its first line.</summary>
    Tap13,

    /// <summary>All of it, by the schema <see cref="JsonReport.Schema"/>.</summary>
    Json,

    /// <summary>What started when, as a picture (SVG).</summary>
    Chart,

    /// <summary>For a pull request or the summary of a job.</summary>
    Markdown,
}
