using System.Text.Json.Serialization;
using Serve.Api.Access;
using Serve.Api.Comparisons;
using Serve.Api.Datasets;
using Serve.Api.Datasets.Pictures;
using Serve.Api.Detection;
using Serve.Api.Evaluation;
using Serve.Api.Evaluation.Gallery;
using Serve.Api.Health;
using Serve.Api.Jobs;
using Serve.Api.Leaderboards;
using Serve.Api.Models;
using Serve.Api.Pages;
using Serve.Eval.Reports;

namespace Serve.Api.Wire;

/// <summary>Everything that goes over the wire, known to the serialiser at compile time.</summary>
[JsonSourceGenerationOptions(System.Text.Json.JsonSerializerDefaults.Web, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(DetectRequest))]
[JsonSerializable(typeof(DetectResponse))]
[JsonSerializable(typeof(IReadOnlyList<CocoResultDocument>))]
[JsonSerializable(typeof(ModelList))]
[JsonSerializable(typeof(ModelDocument))]
[JsonSerializable(typeof(DatasetList))]
[JsonSerializable(typeof(DatasetSummary))]
[JsonSerializable(typeof(DatasetVersionList))]
[JsonSerializable(typeof(DatasetStatistics))]
[JsonSerializable(typeof(DatasetImageList))]
[JsonSerializable(typeof(DatasetRequest))]
[JsonSerializable(typeof(DatasetChange))]
[JsonSerializable(typeof(IReadOnlyList<SplitSummary>))]
[JsonSerializable(typeof(CheckSummary))]
[JsonSerializable(typeof(ProtocolList))]
[JsonSerializable(typeof(EvaluationRequest))]
[JsonSerializable(typeof(CocoDetection))]
[JsonSerializable(typeof(EvaluationDocument))]
[JsonSerializable(typeof(DetectionOrigin))]
[JsonSerializable(typeof(LatencyReport))]
[JsonSerializable(typeof(EvaluationList))]
[JsonSerializable(typeof(EvaluationEvent))]
[JsonSerializable(typeof(GalleryDocument))]
[JsonSerializable(typeof(ComparisonRequest))]
[JsonSerializable(typeof(ComparisonDocument))]
[JsonSerializable(typeof(ComparisonList))]
[JsonSerializable(typeof(IReadOnlyList<ComparedEvaluation>))]
[JsonSerializable(typeof(LeaderboardRequest))]
[JsonSerializable(typeof(LeaderboardChange))]
[JsonSerializable(typeof(LeaderboardDocument))]
[JsonSerializable(typeof(LeaderboardList))]
[JsonSerializable(typeof(SubmissionRequest))]
[JsonSerializable(typeof(SubmissionDocument))]
[JsonSerializable(typeof(SubmissionList))]
[JsonSerializable(typeof(SubmissionQuota))]
[JsonSerializable(typeof(UsbOrigin))]
[JsonSerializable(typeof(KeyRequest))]
[JsonSerializable(typeof(KeyDocument))]
[JsonSerializable(typeof(KeyList))]
[JsonSerializable(typeof(CreatedKey))]
[JsonSerializable(typeof(AuditList))]
[JsonSerializable(typeof(CallerDocument))]
[JsonSerializable(typeof(WorkerList))]
[JsonSerializable(typeof(LiveDocument))]
[JsonSerializable(typeof(ReadyDocument))]
[JsonSerializable(typeof(Dictionary<string, double?>))]
[JsonSerializable(typeof(IReadOnlyList<string>))]
[JsonSerializable(typeof(string[]))]
internal sealed partial class ServeJson : JsonSerializerContext;
