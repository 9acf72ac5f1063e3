using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Serve.Api.Storage.Migrations.Postgres
{
    /// <inheritdoc />
    public partial class Leaderboards : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "Latency",
                table: "evaluations",
                type: "text",
                nullable: true,
                collation: "C");

            migrationBuilder.AddColumn<int>(
                name: "LatencyAttempts",
                table: "evaluations",
                type: "integer",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<bool>(
                name: "MeasuresLatency",
                table: "evaluations",
                type: "boolean",
                nullable: false,
                defaultValue: false);

            migrationBuilder.CreateTable(
                name: "leaderboards",
                columns: table => new
                {
                    Name = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Title = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Description = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    Protocol = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Owner = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    CreatedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    ClosesAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    SubmissionsPerDay = table.Column<int>(type: "integer", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_leaderboards", x => x.Name);
                });

            migrationBuilder.CreateTable(
                name: "scores",
                columns: table => new
                {
                    EvaluationId = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Value = table.Column<double>(type: "double precision", nullable: true),
                    Lower = table.Column<double>(type: "double precision", nullable: true),
                    Upper = table.Column<double>(type: "double precision", nullable: true),
                    Numbers = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Samples = table.Column<byte[]>(type: "bytea", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_scores", x => x.EvaluationId);
                    table.ForeignKey(
                        name: "FK_scores_evaluations_EvaluationId",
                        column: x => x.EvaluationId,
                        principalTable: "evaluations",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "leaderboard_datasets",
                columns: table => new
                {
                    Leaderboard = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Dataset = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Place = table.Column<int>(type: "integer", nullable: false),
                    Version = table.Column<int>(type: "integer", nullable: false),
                    Split = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Protocol = table.Column<string>(type: "text", nullable: false, collation: "C")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_leaderboard_datasets", x => new { x.Leaderboard, x.Dataset });
                    table.ForeignKey(
                        name: "FK_leaderboard_datasets_datasets_Dataset",
                        column: x => x.Dataset,
                        principalTable: "datasets",
                        principalColumn: "Name",
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "FK_leaderboard_datasets_leaderboards_Leaderboard",
                        column: x => x.Leaderboard,
                        principalTable: "leaderboards",
                        principalColumn: "Name",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "submissions",
                columns: table => new
                {
                    Id = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Leaderboard = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Method = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Submitter = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Kind = table.Column<string>(type: "text", nullable: false),
                    Model = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    ModelVersion = table.Column<int>(type: "integer", nullable: true),
                    Description = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    Declared = table.Column<bool>(type: "boolean", nullable: false),
                    Origin = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    SubmittedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    WithdrawnAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_submissions", x => x.Id);
                    table.ForeignKey(
                        name: "FK_submissions_leaderboards_Leaderboard",
                        column: x => x.Leaderboard,
                        principalTable: "leaderboards",
                        principalColumn: "Name",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "submission_evaluations",
                columns: table => new
                {
                    Submission = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Place = table.Column<int>(type: "integer", nullable: false),
                    Evaluation = table.Column<string>(type: "text", nullable: false, collation: "C")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_submission_evaluations", x => new { x.Submission, x.Place });
                    table.ForeignKey(
                        name: "FK_submission_evaluations_evaluations_Evaluation",
                        column: x => x.Evaluation,
                        principalTable: "evaluations",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "FK_submission_evaluations_submissions_Submission",
                        column: x => x.Submission,
                        principalTable: "submissions",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateIndex(
                name: "IX_leaderboard_datasets_Dataset",
                table: "leaderboard_datasets",
                column: "Dataset");

            migrationBuilder.CreateIndex(
                name: "IX_submission_evaluations_Evaluation",
                table: "submission_evaluations",
                column: "Evaluation");

            migrationBuilder.CreateIndex(
                name: "IX_submissions_Leaderboard_Submitter_SubmittedAt",
                table: "submissions",
                columns: new[] { "Leaderboard", "Submitter", "SubmittedAt" });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "leaderboard_datasets");

            migrationBuilder.DropTable(
                name: "scores");

            migrationBuilder.DropTable(
                name: "submission_evaluations");

            migrationBuilder.DropTable(
                name: "submissions");

            migrationBuilder.DropTable(
                name: "leaderboards");

            migrationBuilder.DropColumn(
                name: "Latency",
                table: "evaluations");

            migrationBuilder.DropColumn(
                name: "LatencyAttempts",
                table: "evaluations");

            migrationBuilder.DropColumn(
                name: "MeasuresLatency",
                table: "evaluations");
        }
    }
}
