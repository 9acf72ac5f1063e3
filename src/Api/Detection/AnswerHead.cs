using System.Globalization;
using Serve.Inference.Models;

namespace Serve.Api.Detection;

/// <summary>Who answered and how long it took: in the headers of every answer, whatever its form, and in the body of a JSON one.</summary>
/// <param name="Model">Name of the model.</param>
/// <param name="Version">Its version.</param>
/// <param name="Device">The device that ran it.</param>
/// <param name="Timings">Where the time went.</param>
internal readonly record struct AnswerHead(string Model, int Version, string Device, DetectTimings Timings)
{
    /// <summary>The head of an answer.</summary>
    public static AnswerHead Of(DetectionModel model, DetectedPicture[] pictures, TimeSpan total)
    {
        double decode = 0, queue = 0, preprocess = 0, infer = 0, postprocess = 0;
        foreach (var picture in pictures)
        {
            decode += picture.DecodeMilliseconds;
            queue += picture.Timings.Queue;
            preprocess += picture.Timings.Preprocess;
            infer += picture.Timings.Infer;
            postprocess += picture.Timings.Postprocess;
        }
        return new AnswerHead(model.Passport.Name, model.Passport.Version, model.Device, new DetectTimings(
            Round(decode), Round(queue), Round(preprocess), Round(infer), Round(postprocess), Round(total.TotalMilliseconds)));
    }

    /// <summary>Writes <c>Serve-Model</c>, <c>Serve-Model-Version</c>, <c>Serve-Device</c> and <c>Server-Timing</c> (which browsers show).</summary>
    public void WriteTo(IHeaderDictionary headers)
    {
        headers["Serve-Model"] = Model;
        headers["Serve-Model-Version"] = Version.ToString(CultureInfo.InvariantCulture);
        headers["Serve-Device"] = Device;
        headers["Server-Timing"] = string.Create(
            CultureInfo.InvariantCulture, stackalloc char[256],
            $"decode;dur={Timings.Decode}, queue;dur={Timings.Queue}, preprocess;dur={Timings.Preprocess}, infer;dur={Timings.Infer}, postprocess;dur={Timings.Postprocess}, total;dur={Timings.Total}");
    }

    // A clock does not know microseconds' fractions; the digits would only be noise in the answer.
    private static double Round(double milliseconds) => Math.Round(milliseconds, 3);
}
